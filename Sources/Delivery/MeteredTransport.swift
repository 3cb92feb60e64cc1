import Membership

/// Counts what comes of the requests that another transport carries.
public final class MeteredTransport: Transport {
  private let transport: any Transport
  public private(set) var counts: [Meters.Outcome: Int] = [:]

  public init(_ transport: any Transport) { self.transport = transport }

  public func send(_ request: Request) throws -> Answer {
    do {
      let answer = try transport.send(request)
      counts[Self.outcome(answer), default: 0] += 1
      return answer
    } catch {
      counts[.unusable, default: 0] += 1
      throw error
    }
  }

  private static func outcome(_ answer: Answer) -> Meters.Outcome {
    switch answer {
    case .accepted: .accepted
    case .refused: .refused
    case .unclear: .unclear
    case .unusable: .unusable
    }
  }
}
