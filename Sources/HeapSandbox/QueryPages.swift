import Values

/// The pages under `/__/`: what the sandbox shows and is told. They are no part of Heap, and asking
/// for them is neither counted nor kept.
struct QueryPages: Sendable {
  static let prefix = "/__/"

  private let heap: LocalHeap

  init(_ heap: LocalHeap) { self.heap = heap }

  /// A page: its method, and what it answers to a body.
  private enum Page {
    case show((Parameters) throws(PageRefusal) -> Value)
    case tell((Value) throws(PageRefusal) -> Value)
    case order(() -> Value)

    var method: String {
      switch self {
      case .show: "GET"
      case .tell, .order: "POST"
      }
    }
  }

  private func page(_ name: Substring) -> Page? {
    switch name {
    case "state.json": .show { _ in heap.state }
    case "counters": .show { _ in heap.counters }
    case "rejects": .show { _ in heap.rejects }
    case "requests": .show(requests)
    case "users": .show(users)
    case "accounts": .show(accounts)
    case "events": .show(events)
    case "diff": .show(differences)
    case "faults": .tell(faults)
    case "clock": .tell(clock)
    case "snapshot":
      .order { .object([Value.Member("snapshot", .number(Double(heap.snapshot())))]) }
    case "reset":
      .order {
        heap.reset()
        return .object([])
      }
    default: nil
    }
  }

  func answer(_ request: HTTPRequest) -> Answer { Answer(reply: reply(to: request)) }

  private func reply(to request: HTTPRequest) -> HTTPReply {
    guard let page = page(request.path.dropFirst(Self.prefix.count)) else { return .plain(404) }
    let asksForHead = page.method == "GET" && request.method == "HEAD"
    guard request.method == page.method || asksForHead else {
      return .plain(405, fields: ["Allow: " + page.method])
    }
    guard case .whole(let body) = request.body else { return .plain(413) }
    do throws(PageRefusal) {
      switch page {
      case .show(let show): return .document(try show(try Parameters(request)))
      case .tell(let tell): return .document(try tell(try Self.document(body)))
      case .order(let order): return .document(order())
      }
    } catch {
      return .text(error.status, error.reason + "\n")
    }
  }

  private static func document(_ body: [UInt8]) throws(PageRefusal) -> Value {
    do throws(JSONError) {
      return try Value(json: body.span)
    } catch {
      throw PageRefusal(400, error.message)
    }
  }

  /// `?from=` is the number of the first one.
  private func requests(_ parameters: Parameters) throws(PageRefusal) -> Value {
    heap.requests(from: try parameters.number("from") ?? 1)
  }

  /// `?app=&identity=` is one user; without an identity it is all of the app's users.
  private func users(_ parameters: Parameters) throws(PageRefusal) -> Value {
    let users = heap.app(try parameters.needed("app"))?.users ?? [:]
    guard let identity = parameters["identity"] else { return .sortedObject(users, \.user) }
    guard let user = users[ExactString(identity)] else {
      throw PageRefusal(404, "the app has no user of this identity")
    }
    return user.user
  }

  /// `?app=&account_id=` is one account; without an id it is all of the app's accounts.
  private func accounts(_ parameters: Parameters) throws(PageRefusal) -> Value {
    let page = heap.accounts(of: try parameters.needed("app"))
    guard let id = parameters["account_id"] else { return page }
    for list in ["accounts", "orphan_accounts"] {
      let account = page[list][id]
      if account.isPresent { return account }
    }
    throw PageRefusal(404, "the app has no account of this id")
  }

  /// `?app=`, and as one likes `&identity=` (or Heap's number of a user) and `&event=`, which is the
  /// event's name.
  private func events(_ parameters: Parameters) throws(PageRefusal) -> Value {
    var events = heap.app(try parameters.needed("app"))?.events ?? [:]
    if let identity = parameters["identity"] {
      events = events.filter { $0.value.belongs(to: identity) }
    }
    if let name = parameters["event"] {
      events = events.filter { $0.value.event.name == ExactString(name) }
    }
    return .sortedObject(events, \.value)
  }

  /// `?from=` is the number of a snapshot.
  private func differences(_ parameters: Parameters) throws(PageRefusal) -> Value {
    guard let number = try parameters.number("from") else {
      throw PageRefusal(400, "from is missing")
    }
    guard let differences = heap.differences(from: number) else {
      throw PageRefusal(404, "there is no snapshot of this number")
    }
    return differences
  }

  /// `{"advance_s": 60}`; the answer is the time that the clock shows then.
  private func clock(_ order: Value) throws(PageRefusal) -> Value {
    let longest = Double(Duration.longest.milliseconds) / 1000
    guard case .object(let members) = order, members.count == 1,
      case .number(let seconds) = order["advance_s"], (0...longest).contains(seconds)
    else { throw PageRefusal(400, "the clock is told {\"advance_s\": SECONDS}, 0 or more") }
    let duration = Duration(milliseconds: Int64((seconds * 1000).rounded()))
    return .object([Value.Member("now", .string(heap.advance(by: duration).description))])
  }

  private func faults(_ script: Value) throws(PageRefusal) -> Value {
    do throws(SandboxError) {
      let faults = try Fault.script(script)
      try heap.set(faults)
      return .object([Value.Member("faults", .number(Double(faults.count)))])
    } catch {
      throw PageRefusal(400, error.description)
    }
  }
}

/// Why a page is not shown.
struct PageRefusal: Error {
  let status: Int
  let reason: String

  init(_ status: Int, _ reason: String) {
    self.status = status
    self.reason = reason
  }
}

/// The parameters of a page's query.
struct Parameters {
  private let parameters: [(name: String, value: String)]

  init(_ request: HTTPRequest) throws(PageRefusal) {
    guard let parameters = request.parameters else {
      throw PageRefusal(400, "the query is not percent-encoded UTF-8")
    }
    self.parameters = parameters
  }

  subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

  func needed(_ name: String) throws(PageRefusal) -> String {
    guard let value = self[name] else { throw PageRefusal(400, "\(name) is missing") }
    return value
  }

  func number(_ name: String) throws(PageRefusal) -> Int? {
    guard let text = self[name] else { return nil }
    guard let number = Int(text) else { throw PageRefusal(400, "\(name) is not a number") }
    return number
  }
}
