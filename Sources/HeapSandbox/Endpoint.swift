import Values

/// One of Heap's endpoints: how its body is read, and what it answers.
protocol Endpoint: Sendable {
  var path: String { get }
  var success: HTTPReply { get }
  var refusal: HTTPReply { get }

  /// Reads the body of a request to a known app. What every endpoint asks of a request (content
  /// type, size, JSON, `app_id`) has been checked.
  func update(from body: [Value.Member]) throws(Rejection) -> any Update
}

/// What an accepted request does to an app, all of it or nothing.
protocol Update: Sendable {
  /// How many users, events or accounts it holds.
  var itemCount: Int { get }

  /// Writes it, and counts what came of it.
  func apply(to app: inout AppState, counting counts: inout Counts)
}

/// What becomes of a request by its own merits, before any fault.
enum Verdict: Sendable {
  case refused(Rejection, app: ExactString?)
  /// Heap answers 200 to a well-formed app id that is nobody's, and keeps nothing.
  case discarded(app: ExactString)
  case accepted(any Update, app: ExactString)

  /// The app that the request names, as far as it was read.
  var app: ExactString? {
    switch self {
    case .refused(_, let app): app
    case .discarded(let app), .accepted(_, let app): app
    }
  }

  /// Tries the rules in their order; the first that fails decides.
  ///
  /// - Parameter knownApps: nil when every app is known.
  static func on(
    _ request: HTTPRequest, to endpoint: some Endpoint, knownApps: Set<ExactString>?
  ) -> Verdict {
    var app: ExactString?
    do throws(Rejection) {
      guard request.mediaType == "application/json" else { throw Rejection(.contentType) }
      guard case .whole(let bytes) = request.body else { throw Rejection(.bodyTooLarge) }
      let members = try object(bytes)
      let id = try appID(members)
      app = id
      if let knownApps, !knownApps.contains(id) { return .discarded(app: id) }
      return .accepted(try endpoint.update(from: members), app: id)
    } catch {
      return .refused(error, app: app)
    }
  }

  private static func object(_ bytes: [UInt8]) throws(Rejection) -> [Value.Member] {
    let body: Value
    do throws(JSONError) {
      body = try Value(json: bytes.span)
    } catch {
      throw Rejection(.notJSON, error: error)
    }
    guard case .object(let members) = body else { throw Rejection(.notAnObject) }
    return members
  }

  private static func appID(_ members: [Value.Member]) throws(Rejection) -> ExactString {
    guard case .string(let text) = members["app_id"], !text.isEmpty,
      text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 })
    else { throw Rejection(.appID) }
    return ExactString(text)
  }
}

extension [Value.Member] {
  /// The value of that name; nil when there is none, and `absent` for a `null`.
  subscript(key: String) -> Value? {
    first { $0.key.isExactly(key) }?.value
  }
}
