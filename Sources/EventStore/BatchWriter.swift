import SQLite
import Values

/// Writes batches into the tables, inside a transaction of the caller's.
///
/// Ids are looked up or given while the write lock is held. They are remembered as long as no other
/// connection has committed anything: it may have deleted an identity, whose id is then free again.
struct BatchWriter {
  private let connection: Connection
  private let dataVersion: Statement
  private var lastVersion: Int64?
  private let insert: Statement
  private let candidates: Statement
  private let findName: Statement
  private let addName: Statement
  private let findIdentity: Statement
  private let addIdentity: Statement

  init(_ connection: Connection) throws {
    self.connection = connection
    dataVersion = try connection.prepareFresh("PRAGMA data_version")
    insert = try connection.prepareFresh(
      """
      INSERT INTO events(type, event, user, anonymous, account, time, message_hash, body)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """)
    candidates = try connection.prepareFresh("SELECT body FROM events WHERE message_hash = ?1")
    findName = try connection.prepareFresh("SELECT id FROM names WHERE name = ?1")
    addName = try connection.prepareFresh("INSERT INTO names(name) VALUES (?1)")
    findIdentity = try connection.prepareFresh(
      "SELECT id FROM identities WHERE kind = ?1 AND external_id = ?2")
    addIdentity = try connection.prepareFresh(
      "INSERT INTO identities(kind, external_id) VALUES (?1, ?2)")
  }

  /// Stores the calls that are new and counts the others.
  ///
  /// When it throws, or the transaction does not commit, the batch's ids are to be forgotten.
  mutating func write(_ batch: inout Batch) throws -> IngestCounts {
    let version = try dataVersion.first { $0.int(0) }
    if version != lastVersion { batch.forgetIDs() }
    lastVersion = version
    var counts = IngestCounts()
    counts.rejected = batch.rejects.count
    for entry in batch.entries {
      switch try earlier(entry, batch.bytes.span.extracting(entry.line)) {
      case .same?: counts.duplicates += 1
      case .conflict?:
        counts.duplicates += 1
        counts.conflicts += 1
      case nil:
        try store(entry, &batch)
        counts.accepted += 1
      }
    }
    return counts
  }

  private func store(_ entry: Batch.Entry, _ batch: inout Batch) throws {
    let event = try entry.event.map { try batch.events.id($0, find: name) }
    let user = try entry.user.map { try batch.users.id($0) { try identity(.user, $0) } }
    let anonymous = try entry.anonymous.map {
      try batch.anonymous.id($0) { try identity(.anonymous, $0) }
    }
    let account = try entry.account.map { try batch.accounts.id($0) { try identity(.account, $0) } }
    try insert.bind(.integer(entry.kind.rawValue), at: 1)
    try insert.bind(Datum(event), at: 2)
    try insert.bind(Datum(user), at: 3)
    try insert.bind(Datum(anonymous), at: 4)
    try insert.bind(Datum(account), at: 5)
    try insert.bind(.integer(entry.time.milliseconds), at: 6)
    try insert.bind(.integer(entry.messageHash), at: 7)
    try insert.bind(.text(String(decoding: batch.bytes[entry.line], as: UTF8.self)), at: 8)
    _ = try insert.step()
    insert.reset()
  }

  // MARK: Duplicates

  /// How a stored call with the same message id stands to a new one.
  private enum Earlier { case same, conflict }

  private func earlier(_ entry: Batch.Entry, _ line: Span<UInt8>) throws -> Earlier? {
    try candidates.bind(.integer(entry.messageHash), at: 1)
    defer { candidates.reset() }
    while try candidates.step() {
      if let earlier = candidates.withBytes(0, { compare($0, with: line) }) { return earlier }
    }
    return nil
  }

  /// Nil when the two have only the hash in common.
  private func compare(_ stored: Span<UInt8>, with line: Span<UInt8>) -> Earlier? {
    if stored.hasSameBytes(as: line) { return .same }
    guard let old = try? CallScanner.scan(stored), let new = try? CallScanner.scan(line),
      old.message(in: stored).isExactly(new.message(in: line))
    else { return nil }
    return new.saysTheSame(as: old, in: line, otherLine: stored) ? .same : .conflict
  }

  // MARK: Ids

  /// Ids are asked for by calls that are stored, and so every identity has an event.
  private func name(_ name: String) throws -> Int64 {
    if let id = try findName.first(.text(name), read: { $0.int(0) }) { return id }
    try addName.run(.text(name))
    return connection.lastInsertedRow
  }

  private func identity(_ kind: IdentityKind, _ id: String) throws -> Int64 {
    if let id = try findIdentity.first(.integer(kind.rawValue), .text(id), read: { $0.int(0) }) {
      return id
    }
    try addIdentity.run(.integer(kind.rawValue), .text(id))
    return connection.lastInsertedRow
  }
}
