import Values

/// The pages under `/__/`: what the sandbox shows and is told. They are no part of Heap, and asking
/// for them is neither counted nor kept.
struct QueryPages: Sendable {
  static let prefix = "/__/"

  private let heap: LocalHeap

  init(_ heap: LocalHeap) { self.heap = heap }

  func answer(_ request: HTTPRequest) -> Answer { Answer(reply: reply(to: request)) }

  private func reply(to request: HTTPRequest) -> HTTPReply {
    let page = request.path.dropFirst(Self.prefix.count)
    let method = page == "faults" || page == "reset" ? "POST" : "GET"
    let pages: [Substring] = [
      "state.json", "counters", "users", "rejects", "requests", "faults", "reset",
    ]
    guard pages.contains(page) else { return .plain(404) }
    guard request.method == method || method == "GET" && request.method == "HEAD" else {
      return .plain(405, fields: ["Allow: " + method])
    }
    guard case .whole(let body) = request.body else { return .plain(413) }
    switch page {
    case "state.json": return .document(heap.state)
    case "counters": return .document(heap.counters)
    case "rejects": return .document(heap.rejects)
    case "requests": return requests(request)
    case "users": return users(request)
    case "faults": return faults(body)
    default:
      heap.reset()
      return .document(.object([]))
    }
  }

  /// `?from=` is the number of the first one.
  private func requests(_ request: HTTPRequest) -> HTTPReply {
    guard let parameters = request.parameters else { return .plain(400) }
    guard let text = parameters.first(where: { $0.name == "from" })?.value else {
      return .document(heap.requests(from: 1))
    }
    guard let number = Int(text) else { return .text(400, "from is not a number\n") }
    return .document(heap.requests(from: number))
  }

  /// `?app=&identity=` is one user; without an identity it is all of the app's users.
  private func users(_ request: HTTPRequest) -> HTTPReply {
    guard let parameters = request.parameters else { return .plain(400) }
    guard let app = parameters.first(where: { $0.name == "app" })?.value else {
      return .text(400, "app is missing\n")
    }
    let users = heap.users(of: app) ?? [:]
    guard let identity = parameters.first(where: { $0.name == "identity" })?.value else {
      return .document(.sortedObject(users, \.value))
    }
    guard let user = users[ExactString(identity)] else {
      return .text(404, "the app has no user of this identity\n")
    }
    return .document(user.value)
  }

  private func faults(_ body: [UInt8]) -> HTTPReply {
    let script: Value
    do throws(JSONError) {
      script = try Value(json: body.span)
    } catch {
      return .text(400, error.message + "\n")
    }
    do throws(SandboxError) {
      let faults = try Fault.script(script)
      try heap.set(faults)
      return .document(.object([Value.Member("faults", .number(Double(faults.count)))]))
    } catch {
      return .text(400, error.description + "\n")
    }
  }
}
