import Values

/// A scripted fault: what goes wrong with certain requests to one of Heap's endpoints.
///
/// Each rule counts the requests that it is about, from 1, from the moment the script was set: those
/// to its path, of its app, with its identity, as far as it names them. The first rule of the script
/// that names a request decides.
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
    /// 301, 302, 303, 307 or 308 to somewhere else; nil is a path of the sandbox that is not there.
    case redirect(status: Int = 302, location: String? = nil)
    /// The request is applied, and its reply held back so many milliseconds.
    case delay(milliseconds: Int)
    /// The reply comes a byte at a time, with so many milliseconds before each.
    case drip(milliseconds: Int)
    /// The connection ends when half of the request's body has been read. Nothing is known of what
    /// the body says, so it is never applied, and no app and no identity can be asked for.
    case cut

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
      case .drip: "drip"
      case .cut: "cut"
      }
    }
  }

  /// The endpoint, for example `/api/add_user_properties`; nil is all of them.
  public var path: String?
  /// The number of the first request that it meets, from 1.
  public var from: Int
  /// How many requests it meets; nil is all from the first on.
  public var count: Int?
  /// The app of the requests; nil is any.
  public var app: String?
  /// A regular expression that is found in an identity, an account id or a `user_id` of the request;
  /// nil is any request. One that breaks a rule, or whose app is unknown, has none.
  public var identity: String?
  public var action: Action
  /// Whether the request is judged and applied as always before the fault hides the reply.
  public var applies: Bool

  /// A fault of `count` requests from number `from` on.
  public init(
    path: String? = nil, from: Int = 1, count: Int? = nil, app: String? = nil,
    identity: String? = nil, _ action: Action, applies: Bool = false
  ) {
    self.path = path
    self.from = from
    self.count = count
    self.app = app
    self.identity = identity
    self.action = action
    self.applies = applies
    if case .delay = action { self.applies = true }
  }

  /// A fault of one request.
  public init(
    path: String? = nil, nth: Int, app: String? = nil, identity: String? = nil, _ action: Action,
    applies: Bool = false
  ) {
    self.init(
      path: path, from: nth, count: 1, app: app, identity: identity, action, applies: applies)
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
    case .close, .cut: return Answer(reply: reply, delivery: .closed)
    case .reset: return Answer(reply: reply, delivery: .reset)
    case .truncate: return Answer(reply: reply, delivery: .truncated)
    case .html:
      let page = "<!doctype html><html><title>Sign in</title><p>Sign in to use this network.</html>"
      return Answer(
        reply: HTTPReply(status: 200, contentType: "text/html", body: Array(page.utf8)))
    case .redirect(let status, let location):
      return Answer(reply: .plain(status, fields: ["Location: " + (location ?? "/elsewhere")]))
    case .delay(let milliseconds): return Answer(reply: reply, hold: milliseconds)
    case .drip(let milliseconds):
      return Answer(reply: reply, delivery: .dripped(milliseconds: milliseconds))
    }
  }
}
