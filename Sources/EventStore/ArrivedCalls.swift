import Evaluation
import SQLite
import Values

/// Some calls as they stand in `events`, in the order of arrival, copied out of the store.
struct ArrivedCalls: Sendable {
  /// A row without its JSON.
  struct Row: Sendable {
    let kind: ArrivedCall.Kind
    /// The id of the event's name; 0 when it has none.
    let event: Int64
    let time: Int64
    let seq: Int64
    /// 0 when there is none.
    let user: Int64
    let anonymous: Int64
    let account: Int64
    let body: Range<Int>

    /// In whose histories it stands.
    var owners: CallOwners {
      CallOwners(
        person: user != 0 ? user : anonymous != 0 ? anonymous : nil,
        account: kind == .group && account != 0 ? account : nil)
    }
  }

  fileprivate(set) var rows: [Row] = []
  /// The JSON of the calls, one behind the other.
  fileprivate(set) var bodies: [UInt8] = []
  /// The names of the events that no portion before this one had.
  fileprivate(set) var names: [Int64: String] = [:]

  /// Takes in a row: seq, type, event, time, user, anonymous, account, body.
  fileprivate mutating func append(_ row: VisitedRow, _ kind: ArrivedCall.Kind) {
    let start = bodies.count
    row.withBytes(7) { body in
      body.withUnsafeBufferPointer { bodies.append(contentsOf: $0) }
    }
    rows.append(
      Row(
        kind: kind, event: row.int(2), time: row.int(3), seq: row.int(0), user: row.int(4),
        anonymous: row.int(5), account: row.int(6), body: start..<bodies.count))
  }

  /// Forgets them, and keeps the memory for others.
  mutating func removeAll() {
    rows.removeAll(keepingCapacity: true)
    bodies.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
  }
}

/// What the owners of calls are, as the columns say in which their ids stand.
struct OwnerKinds {
  /// Those that are not users.
  private var others: [Int64: IdentityKind] = [:]

  mutating func note(_ calls: ArrivedCalls) {
    for row in calls.rows {
      let owners = row.owners
      if row.user == 0, let person = owners.person { others[person] = .anonymous }
      if let account = owners.account { others[account] = .account }
    }
  }

  func kind(of identity: Int64) -> IdentityKind { others[identity] ?? .user }
}

/// Reads the rows of `events` in the order of arrival, some at a time.
final class ArrivedCallReader: RowVisitor {
  /// So many bytes of JSON are read before they are packed.
  private static let portionSize = 1 << 20

  private let connection: Connection
  private let name: Statement
  private var known: Set<Int64> = [0]
  private var portion = ArrivedCalls()
  private var take: ((inout ArrivedCalls) throws -> Void)?

  init(_ connection: Connection) throws {
    self.connection = connection
    name = try connection.prepareFresh("SELECT name FROM names WHERE id = ?")
  }

  /// Hands over the calls behind `since`, up to `watermark`.
  ///
  /// - Parameter take: called with some of them. It leaves them there, or others that are used up.
  func read(
    after since: Int64, upTo watermark: Int64, _ take: (inout ArrivedCalls) throws -> Void
  ) throws {
    try withoutActuallyEscaping(take) { take in
      self.take = take
      defer { self.take = nil }
      portion.removeAll()
      try connection.visit(
        """
        SELECT visit(seq, type, event, time, user, anonymous, account, body) FROM events
        WHERE seq > ? AND seq <= ? ORDER BY seq
        """, .init(since), .init(watermark), visitor: self)
      if !portion.rows.isEmpty { try handOver() }
    }
  }

  func visit(_ row: VisitedRow) throws {
    guard let kind = Call.Kind(rawValue: row.int(1)) else { throw SQLiteError.damaged("events") }
    let event = row.int(2)
    if known.insert(event).inserted {
      portion.names[event] = try name.first(.init(event)) { $0.text(0) }
    }
    portion.append(row, kind.arrived)
    if portion.bodies.count >= Self.portionSize { try handOver() }
  }

  private func handOver() throws {
    try take?(&portion)
    portion.removeAll()
  }
}

extension Call.Kind {
  fileprivate var arrived: ArrivedCall.Kind {
    switch self {
    case .track: .track
    case .page: .page
    case .screen: .screen
    case .identify: .identify
    case .group: .group
    case .alias: .alias
    }
  }
}
