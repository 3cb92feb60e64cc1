import Glibc
import Values

/// What the sandbox remembers of one request: nothing of what its body says.
struct RequestRecord: Sendable {
  /// What became of a request.
  enum Decision: Sendable {
    /// Applied, without these items, and without so many that were over a limit.
    case accepted(but: [Rejection], dropped: Int)
    /// Over a rate limit.
    case limited
    case discarded
    case misrouted
    case refused(Rejection)
    case notApplied
    case notFound
    case methodNotAllowed
    case malformed

    var name: String {
      switch self {
      case .accepted: "accepted"
      case .discarded: "unknown_app"
      case .misrouted: "misrouted"
      case .limited: "rejected_by_limit"
      case .refused: "rejected"
      case .notApplied: "not_applied"
      case .notFound: "not_found"
      case .methodNotAllowed: "method_not_allowed"
      case .malformed: "malformed"
      }
    }
  }

  /// The request without what it says.
  struct Summary: Sendable {
    let method: String
    let path: String
    /// The names of the fields.
    let headers: [String]
    /// Of the body.
    let bytes: Int
    /// The SHA-256 of the body; nil when it was not read to its end.
    let hash: String?

    init(_ request: HTTPRequest, isRead: Bool = true) {
      method = request.method
      path = request.path
      headers = request.fields.map(\.name)
      bytes = request.bodyBytes.count
      if isRead, case .whole(let body) = request.body {
        hash = SHA256.digest(of: body.span).hex
      } else {
        hash = nil
      }
    }
  }

  var number = 0
  let at: Instant
  /// Nil when what came was no request.
  let request: Summary?
  let app: ExactString?
  let decision: Decision
  /// The scripted fault that it met.
  let fault: String?
  /// Nil when the connection ended without a reply.
  let status: Int?
  /// Properties that it wrote, and those of them that were so already.
  var propertyWrites = 0
  var noOpWrites = 0

  var value: Value {
    var members = [
      Value.Member("number", .number(Double(number))),
      Value.Member("at", .string(at.description)),
    ]
    if let request {
      members += [
        Value.Member("method", .string(request.method)),
        Value.Member("path", .string(request.path)),
        Value.Member("headers", .array(request.headers.map(Value.string))),
        Value.Member("bytes", .number(Double(request.bytes))),
      ]
      if let hash = request.hash { members.append(Value.Member("sha256", .string(hash))) }
    }
    if let app { members.append(Value.Member("app", .string(app.text))) }
    members.append(Value.Member("decision", .string(decision.name)))
    switch decision {
    case .refused(let rejection):
      members.append(Value.Member("rule", .string(rejection.rule.rawValue)))
    case .accepted(let rejections, let dropped):
      if !rejections.isEmpty {
        members.append(Value.Member("rejected_items", .number(Double(rejections.count))))
      }
      if dropped > 0 {
        members.append(Value.Member("dropped_by_limit", .number(Double(dropped))))
      }
    default: break
    }
    if let fault { members.append(Value.Member("fault", .string(fault))) }
    members.append(Value.Member("status", status.map { .number(Double($0)) } ?? .absent))
    if case .accepted = decision {
      members += [
        Value.Member("property_writes", .number(Double(propertyWrites))),
        Value.Member("no_op_property_writes", .number(Double(noOpWrites))),
      ]
    }
    return .object(members)
  }

  /// The true reasons of what was refused, which no reply gives: of the request, or of items.
  var rejections: [Value] {
    switch decision {
    case .refused(let rejection): [value(of: rejection)]
    case .accepted(let rejections, _): rejections.map(value)
    default: []
    }
  }

  private func value(of rejection: Rejection) -> Value {
    var members = [Value.Member("number", .number(Double(number)))]
    if let request { members.append(Value.Member("path", .string(request.path))) }
    if let app { members.append(Value.Member("app", .string(app.text))) }
    members.append(Value.Member("rule", .string(rejection.rule.rawValue)))
    if let item = rejection.item { members.append(Value.Member("item", .number(Double(item)))) }
    if let key = rejection.key { members.append(Value.Member("key", .string(key))) }
    members.append(Value.Member("message", .string(rejection.message)))
    return .object(members)
  }
}

/// The last requests, numbered from 1, and the last refusals.
struct RequestLog: Sendable {
  /// So many of each are kept; the journal file has them all.
  static let kept = 10_000

  private(set) var last = 0
  private var records: [RequestRecord] = []
  private var rejections: [Value] = []

  /// Gives the record its number, keeps it and returns it.
  mutating func add(_ record: RequestRecord) -> RequestRecord {
    last += 1
    var record = record
    record.number = last
    records.append(record)
    rejections += record.rejections
    // Dropped by the half, so that a long rehearsal does not move the rest at every request.
    if records.count > 2 * Self.kept { records.removeFirst(Self.kept) }
    if rejections.count > 2 * Self.kept { rejections.removeFirst(rejections.count - Self.kept) }
    return record
  }

  func requests(from number: Int) -> Value {
    .array(records.suffix(Self.kept).filter { $0.number >= number }.map(\.value))
  }

  var rejects: Value { .array(rejections.suffix(Self.kept)) }
}

/// The journal file: one line of JSON for each request, appended.
final class Journal: Sendable {
  private let descriptor: Int32

  /// Opens the file, or makes it so that only its owner reads it.
  init(path: String) throws(SandboxError) {
    descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .journal(path: path, errno) }
  }

  deinit { close(descriptor) }

  /// False when the line could not be written whole.
  func write(_ record: RequestRecord) -> Bool {
    let line = Array((record.value.json + "\n").utf8)
    return line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == line.count
  }
}
