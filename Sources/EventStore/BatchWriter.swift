import SQLite
import Values

/// Writes batches into the tables, inside a transaction of the caller's.
///
/// Ids are looked up or given while the write lock is held, and forgotten with the batch: another
/// process may have changed the tables since, and a transaction may be taken back.
struct BatchWriter {
  private let insert: Statement
  private let candidates: Statement
  private let findName: Statement
  private let addName: Statement
  private let findIdentity: Statement
  private let addIdentity: Statement

  init(_ connection: Connection) throws {
    insert = try connection.prepareFresh(
      """
      INSERT INTO events(type, event, user, anonymous, account, time, message_hash, body)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """)
    candidates = try connection.prepareFresh("SELECT body FROM events WHERE message_hash = ?1")
    findName = try connection.prepareFresh("SELECT id FROM names WHERE name = ?1")
    addName = try connection.prepareFresh("INSERT INTO names(name) VALUES (?1) RETURNING id")
    findIdentity = try connection.prepareFresh(
      "SELECT id FROM identities WHERE kind = ?1 AND external_id = ?2")
    addIdentity = try connection.prepareFresh(
      "INSERT INTO identities(kind, external_id) VALUES (?1, ?2) RETURNING id")
  }

  /// Stores the calls that are new and counts the others.
  func write(_ batch: Batch) throws -> IngestCounts {
    var ids = Ids(batch)
    var counts = IngestCounts()
    counts.rejected = batch.rejects.count
    for entry in batch.entries {
      let line = batch.bytes.span.extracting(entry.line)
      if let earlier = try earlier(entry, line) {
        counts.duplicates += 1
        if earlier == .conflict { counts.conflicts += 1 }
      } else {
        try store(entry, batch, &ids)
        counts.accepted += 1
      }
    }
    return counts
  }

  private func store(_ entry: Batch.Entry, _ batch: Batch, _ ids: inout Ids) throws {
    let event = try id(entry.event, &ids.events) { try name(batch.events.string($0)) }
    let user = try id(entry.user, &ids.users) {
      try identity(.user, batch.users.string($0))
    }
    let anonymous = try id(entry.anonymous, &ids.anonymous) {
      try identity(.anonymous, batch.anonymous.string($0))
    }
    let account = try id(entry.account, &ids.accounts) {
      try identity(.account, batch.accounts.string($0))
    }
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

  /// The ids of a batch's names and identities, as far as they were asked for.
  ///
  /// They are asked for by calls that are stored, and so every identity has an event.
  private struct Ids {
    var events: [Int64?]
    var users: [Int64?]
    var anonymous: [Int64?]
    var accounts: [Int64?]

    init(_ batch: Batch) {
      events = Array(repeating: nil, count: batch.events.count)
      users = Array(repeating: nil, count: batch.users.count)
      anonymous = Array(repeating: nil, count: batch.anonymous.count)
      accounts = Array(repeating: nil, count: batch.accounts.count)
    }
  }

  private func id(
    _ number: Int?, _ known: inout [Int64?], _ find: (Int) throws -> Int64?
  ) rethrows -> Int64? {
    guard let number else { return nil }
    if let id = known[number] { return id }
    let id = try find(number)
    known[number] = id
    return id
  }

  private func name(_ name: String) throws -> Int64? {
    try findName.first(.text(name)) { $0.int(0) } ?? addName.first(.text(name)) { $0.int(0) }
  }

  private func identity(_ kind: IdentityKind, _ id: String) throws -> Int64? {
    try findIdentity.first(.integer(kind.rawValue), .text(id)) { $0.int(0) }
      ?? addIdentity.first(.integer(kind.rawValue), .text(id)) { $0.int(0) }
  }
}
