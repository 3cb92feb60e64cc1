import Values

/// A scripted fault: what goes wrong with certain requests to one of Heap's endpoints.
///
/// Requests are counted for each path from 1, from the moment the script was set. The first rule of
/// the script that names a request decides.
public struct Fault: Sendable, Equatable {
  /// What goes wrong.
  public enum Action: Sendable, Equatable {
    /// This status, 200 to 599. The body is the endpoint's own where it has one for the status.
    case status(Int, retryAfter: String? = nil)
    /// The connection ends before the reply.
    case close
    /// The connection is reset before the reply.
    case reset
    /// The reply promises more bytes than it has, and the connection ends.
    case truncate
    /// 200 and a page of HTML, as a captive portal answers.
    case html
    /// 302 to somewhere else; nil is a path of the sandbox that is not there.
    case redirect(location: String? = nil)
    /// The request is applied, and its reply held back so many milliseconds.
    case delay(milliseconds: Int)

    /// The name that a rule's `do` gives it.
    public var name: String {
      switch self {
      case .status: "status"
      case .close: "close"
      case .reset: "reset"
      case .truncate: "truncate"
      case .html: "html"
      case .redirect: "redirect"
      case .delay: "delay"
      }
    }
  }

  /// The endpoint, for example `/api/add_user_properties`.
  public var path: String
  /// The number of the first request that it meets, from 1.
  public var from: Int
  /// How many requests it meets; nil is all from the first on.
  public var count: Int?
  public var action: Action
  /// Whether the request is judged and applied as always before the fault hides the reply.
  public var applies: Bool

  /// A fault of `count` requests from number `from` on.
  public init(
    path: String, from: Int, count: Int? = nil, _ action: Action, applies: Bool = false
  ) {
    self.path = path
    self.from = from
    self.count = count
    self.action = action
    self.applies = applies
    if case .delay = action { self.applies = true }
  }

  /// A fault of one request.
  public init(path: String, nth: Int, _ action: Action, applies: Bool = false) {
    self.init(path: path, from: nth, count: 1, action, applies: applies)
  }

  func meets(_ number: Int, at path: String) -> Bool {
    guard self.path.isExactly(path), number >= from else { return false }
    guard let count else { return true }
    return number - from < count
  }

  /// What the client gets in place of the reply.
  func disguise(_ reply: HTTPReply, of endpoint: any Endpoint) -> Answer {
    switch action {
    case .status(let status, let retryAfter):
      var answer =
        switch status {
        case endpoint.success.status: endpoint.success
        case endpoint.refusal.status: endpoint.refusal
        default: HTTPReply.plain(status)
        }
      if let retryAfter { answer.fields.append("Retry-After: " + retryAfter) }
      return Answer(reply: answer)
    case .close: return Answer(reply: reply, delivery: .closed)
    case .reset: return Answer(reply: reply, delivery: .reset)
    case .truncate: return Answer(reply: reply, delivery: .truncated)
    case .html:
      let page = "<!doctype html><html><title>Sign in</title><p>Sign in to use this network.</html>"
      return Answer(
        reply: HTTPReply(status: 200, contentType: "text/html", body: Array(page.utf8)))
    case .redirect(let location):
      return Answer(reply: .plain(302, fields: ["Location: " + (location ?? "/elsewhere")]))
    case .delay(let milliseconds): return Answer(reply: reply, hold: milliseconds)
    }
  }
}

/// The faults in force, and how many requests each path has had since they were set.
struct FaultScript: Sendable {
  private let faults: [Fault]
  private var numbers: [String: Int] = [:]

  init(_ faults: [Fault]) { self.faults = faults }

  /// Counts a request, and gives the fault that it meets.
  mutating func next(at path: String) -> Fault? {
    numbers[path, default: 0] += 1
    let number = numbers[path, default: 0]
    return faults.first { $0.meets(number, at: path) }
  }
}
