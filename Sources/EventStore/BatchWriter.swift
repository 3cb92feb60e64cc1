import SQLite
import Values

/// Writes batches into the tables, inside a transaction of the caller's.
///
/// Ids are looked up or given while the write lock is held. They are remembered as long as no other
/// connection has committed anything.
struct BatchWriter {
  private let connection: Connection
  private let dataVersion: Statement
  private var lastVersion: Int64?
  private var isFirst = true
  /// In KiB, for the first batch: nothing of the store is in memory yet, and of a short file nothing will be
  /// asked for again. New memory for a page costs as much as to read it.
  static let cacheSizeForLookUps = 512
  /// From so many calls on, a first batch's identities are looked up on a thread of their own.
  private static let smallestShared = 1000
  private let insertOne: Statement
  private let insertMany: Statement
  private let index: MessageIndex
  private let stored: StoredMessages
  private var events: TextTable
  private var users: TextTable
  private var anonymous: TextTable
  private var accounts: TextTable

  init(_ connection: Connection) throws {
    self.connection = connection
    dataVersion = try connection.prepareFresh("PRAGMA data_version")
    insertOne = try connection.prepareFresh(Self.insert(rows: 1))
    insertMany = try connection.prepareFresh(Self.insert(rows: Self.manyRows))
    index = try MessageIndex(connection)
    stored = try StoredMessages(connection)
    events = try TextTable(names: connection)
    users = try TextTable(.user, connection)
    anonymous = try TextTable(.anonymous, connection)
    accounts = try TextTable(.account, connection)
  }

  /// Brings the message index up to the rows of `events`, some of them at a time.
  ///
  /// False when nothing is left to do.
  func catchUp() throws -> Bool { try index.catchUp() }

  /// Stores the calls of a closed batch that are new, and counts the others.
  ///
  /// When it throws, or the transaction does not commit, the ids are to be forgotten.
  mutating func write(_ batch: Batch) throws -> IngestCounts {
    let version = try dataVersion.first { $0.int(0) }
    if version != lastVersion { forgetIDs() }
    lastVersion = version
    take(batch)
    let identities =
      isFirst && batch.entries.count >= Self.smallestShared
      ? IdentityLookUp(batch, path: connection.path) : nil
    defer { identities?.wait() }
    // Nobody else adds rows without entries, but a search that misses some would store calls twice.
    while try index.catchUp() {}
    let matches = try matches(batch)
    let verdicts = try stored.verdicts(batch, matches)
    var counts = IngestCounts()
    counts.rejected = batch.rejects.count
    var new: [Int] = []
    for (number, verdict) in verdicts.enumerated() {
      switch verdict {
      case .new:
        new.append(number)
        counts.accepted += 1
      case .same: counts.duplicates += 1
      case .conflict:
        counts.duplicates += 1
        counts.conflicts += 1
      }
    }
    if let identities {
      let ids = try identities.finish()
      users.learn(ids.users)
      anonymous.learn(ids.anonymous)
    }
    try findIDs(new, batch)
    isFirst = false
    let seqs = try store(new, of: batch)
    try index.add(
      batch.messages.compactMap { message in
        seqs[message.entry] == 0
          ? nil : MessageEntry(hash: message.hash, seq: seqs[message.entry])
      })
    return counts
  }

  /// Looks in the index for the messages of a batch.
  private func matches(_ batch: Batch) throws -> [MessageIndex.Match] {
    guard isFirst else { return try index.matches(batch.messages) }
    return try connection.withCache(of: Self.cacheSizeForLookUps) {
      try index.matches(batch.messages)
    }
  }

  /// Looks up or gives the ids of calls that are stored: every identity is to have an event.
  private mutating func findIDs(_ new: [Int], _ batch: Batch) throws {
    for number in new {
      let entry = batch.entries[number]
      events.want(entry.event)
      users.want(entry.user)
      anonymous.want(entry.anonymous)
      accounts.want(entry.account)
    }
    try events.find()
    try users.find()
    try anonymous.find()
    try accounts.find()
    for number in new {
      let entry = batch.entries[number]
      try events.add(entry.event)
      try users.add(entry.user)
      try anonymous.add(entry.anonymous)
      try accounts.add(entry.account)
    }
    events.settle()
    users.settle()
    anonymous.settle()
    accounts.settle()
  }

  private mutating func take(_ batch: Batch) {
    events.take(batch.events)
    users.take(batch.users)
    anonymous.take(batch.anonymous)
    accounts.take(batch.accounts)
  }

  /// Forgets the ids of earlier batches.
  mutating func forgetIDs() {
    events.forget()
    users.forget()
    anonymous.forget()
    accounts.forget()
  }

  // MARK: Rows

  /// So many rows go into one statement. To start and end one costs as much as a row.
  private static let manyRows = 32
  private static let columnCount: Int32 = 8

  private static func insert(rows: Int) -> String {
    let row = "(?, ?, ?, ?, ?, ?, ?, ?)"
    return """
      INSERT INTO events(type, event, user, anonymous, account, time, message_hash, body)
      VALUES \(Array(repeating: row, count: rows).joined(separator: ", "))
      """
  }

  /// Stores these entries in their order, and returns the row of each entry of the batch; 0 for
  /// one that is not stored.
  private func store(_ entries: [Int], of batch: Batch) throws -> [Int64] {
    var seqs = [Int64](repeating: 0, count: batch.entries.count)
    var rest = entries[...]
    while !rest.isEmpty {
      let rows = rest.count < Self.manyRows ? rest.prefix(1) : rest.prefix(Self.manyRows)
      let last = try insert(rows, of: batch, rows.count == 1 ? insertOne : insertMany)
      for (number, entry) in rows.enumerated() {
        seqs[entry] = last - Int64(rows.count - 1 - number)
      }
      rest = rest.dropFirst(rows.count)
    }
    return seqs
  }

  /// Stores entries with one statement. Returns the row of the last one: they follow each other.
  private func insert(
    _ rows: ArraySlice<Int>, of batch: Batch, _ statement: Statement
  ) throws -> Int64 {
    var column: Int32 = 1
    for number in rows {
      let entry = batch.entries[number]
      try statement.bind(entry.kind.rawValue, at: column)
      try statement.bind(events.id(entry.event), at: column + 1)
      try statement.bind(users.id(entry.user), at: column + 2)
      try statement.bind(anonymous.id(entry.anonymous), at: column + 3)
      try statement.bind(accounts.id(entry.account), at: column + 4)
      try statement.bind(entry.time.milliseconds, at: column + 5)
      try statement.bind(Int64(bitPattern: entry.messageHash), at: column + 6)
      column += Self.columnCount
    }
    try statement.run(
      texts: rows.map { batch.entries[$0].line }, of: batch.bytes.span,
      at: Self.columnCount, every: Self.columnCount)
    return connection.lastInsertedRow
  }
}
