import Foundation
import Values

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Posts JSON below one address.
///
/// One session lives as long as the transport, and no task is ever cancelled: a request is bounded
/// by its time-outs alone. Redirects are refused, for a POST that is redirected arrives as a GET
/// without its body. Each request has a connection of its own: where one that was used before ends in the
/// middle of a body, the system's client begins the request again, finds no body any more, and waits
/// for the time-out.
public final class HTTPTransport: Transport {
  private let session: URLSession
  private let url: String

  /// - Parameters:
  ///   - url: what stands before the paths of requests. Nil when it is no address.
  ///   - timeout: seconds without a byte after which a request counts as unanswered; one takes twice
  ///     as long at most.
  public init?(url: String, timeout: Double = 30) {
    guard let address = URL(string: url), address.host != nil else { return nil }
    self.url = url
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = timeout
    configuration.timeoutIntervalForResource = 2 * timeout
    session = URLSession(
      configuration: configuration, delegate: RedirectRefusal(), delegateQueue: nil)
  }

  deinit { session.finishTasksAndInvalidate() }

  public func send(_ request: Request) -> Answer {
    guard let address = URL(string: url + request.path) else {
      return .unusable(reason: "no address")
    }
    var post = URLRequest(url: address)
    post.httpMethod = "POST"
    post.setValue("application/json", forHTTPHeaderField: "Content-Type")
    post.setValue("rollcall", forHTTPHeaderField: "User-Agent")
    post.setValue("close", forHTTPHeaderField: "Connection")
    post.httpBody = Data(request.body.utf8)
    let done = DispatchSemaphore(value: 0)
    let box = AnswerBox()
    let task = session.dataTask(with: post) { data, response, error in
      box.answer = Self.answer(data, response as? HTTPURLResponse, error)
      done.signal()
    }
    task.resume()
    done.wait()
    return box.answer
  }

  /// Filled by the session's queue before the semaphore is signalled, and read after it.
  private final class AnswerBox: @unchecked Sendable {
    var answer = Answer.unclear(reason: "no answer", retryAfter: nil)
  }

  private final class RedirectRefusal: NSObject, URLSessionTaskDelegate {
    func urlSession(
      _ session: URLSession, task: URLSessionTask,
      willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
      completionHandler: @escaping (URLRequest?) -> Void
    ) {
      completionHandler(nil)
    }
  }

  private static func answer(
    _ data: Data?, _ response: HTTPURLResponse?, _ error: (any Error)?
  ) -> Answer {
    if let error {
      let code = (error as? URLError)?.code.rawValue ?? (error as NSError).code
      return .unclear(reason: "no complete answer (error \(code))", retryAfter: nil)
    }
    guard let response else { return .unclear(reason: "no answer", retryAfter: nil) }
    let status = response.statusCode
    let body = data ?? Data()
    switch status {
    case 200..<300:
      return isAcceptance(body)
        ? .accepted
        : .unclear(
          reason: "status \(status), but the body is not Heap's", retryAfter: nil)
    case 400, 413, 422:
      return .refused(
        status: status, body: String(String(decoding: body, as: UTF8.self).prefix(500)))
    case 408, 425, 429, 500...:
      let after = response.value(forHTTPHeaderField: "Retry-After").flatMap {
        RetryAfter.seconds($0)
      }
      return .unclear(reason: "status \(status)", retryAfter: after)
    default: return .unusable(reason: "status \(status)")
    }
  }

  /// Heap answers `{}`, `OK`, or nothing at all. Anything else came from somebody in between.
  static func isAcceptance(_ body: Data) -> Bool {
    let text = String(decoding: body, as: UTF8.self)
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if trimmed.isEmpty || trimmed == "OK" { return true }
    if case .object = try? Value(json: trimmed) { return true }
    return false
  }
}

/// The `Retry-After` header: seconds, or an HTTP date (RFC 9110, section 10.2.3).
enum RetryAfter {
  static func seconds(_ header: String) -> Double? { seconds(header, now: Date()) }

  /// The three forms of a date that a recipient accepts (RFC 9110, section 5.6.7).
  private static let forms = [
    "EEE, dd MMM yyyy HH:mm:ss zzz", "EEEE, dd-MMM-yy HH:mm:ss zzz", "EEE MMM d HH:mm:ss yyyy",
  ]

  static func seconds(_ header: String, now: Date) -> Double? {
    let header = header.trimmingCharacters(in: .whitespaces)
    if let seconds = Int(header), seconds >= 0, header.first != "+" { return Double(seconds) }
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "GMT")
    for form in forms {
      formatter.dateFormat = form
      if let date = formatter.date(from: header) { return max(0, date.timeIntervalSince(now)) }
    }
    return nil
  }
}
