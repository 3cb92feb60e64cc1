import SQLite
import Values

/// Finds the stored calls that have the hash of a message id.
///
/// It is derived from `events`: sorted runs, one for each batch, of which four of a level are merged
/// into one of the next (`MessageIndex+Merge`). To look a batch up takes a walk through the filter of
/// each run, in order, and through those of its parts that may hold an entry; to add one writes some
/// sixteen bytes a call, and as many again for each level that the call has risen. A row that is gone
/// from `events` may still be named here.
///
/// All of it is used inside a write transaction of the caller's.
struct MessageIndex {
  /// A batch's entry that shares its hash with a stored call.
  struct Match: Equatable {
    let entry: Int
    let seq: Int64
  }

  /// So many rows that have no entry yet are read at a time.
  static let catchUpLimit = 1_000_000

  private let readHashes: Statement
  private let readSeqs: Statement
  private let readBlock: Statement
  private let insertBlock: Statement
  private let deleteBlocks: Statement
  let readParts: Statement
  private let readRuns: Statement
  private let insertRun: Statement
  private let insertPart: Statement
  private let deleteRun: Statement
  private let deleteParts: Statement
  private let lastPart: Statement
  private let uncovered: Statement

  init(_ connection: Connection) throws {
    func prepare(_ sql: String) throws -> Statement { try connection.prepareFresh(sql) }
    // The rows are read for a match alone: most look-ups need the hashes and no more.
    readHashes = try prepare("SELECT hashes FROM message_parts WHERE id = ?1")
    readSeqs = try prepare("SELECT seqs FROM message_parts WHERE id = ?1")
    readBlock = try prepare("SELECT bits FROM message_filters WHERE id = ?1")
    insertBlock = try prepare("INSERT OR REPLACE INTO message_filters(id, bits) VALUES (?1, ?2)")
    deleteBlocks = try prepare("DELETE FROM message_filters WHERE id >= ?1 AND id < ?2")
    readParts = try prepare(
      "SELECT hashes, seqs FROM message_parts WHERE id >= ?1 AND id < ?2 ORDER BY id")
    readRuns = try prepare(
      "SELECT id, entries, bits, first_part, last_seq FROM message_runs ORDER BY id")
    insertRun = try prepare(
      "INSERT INTO message_runs(entries, bits, first_part, last_seq) VALUES (?1, ?2, ?3, ?4)")
    insertPart = try prepare("INSERT INTO message_parts(id, hashes, seqs) VALUES (?1, ?2, ?3)")
    deleteRun = try prepare("DELETE FROM message_runs WHERE id = ?1")
    deleteParts = try prepare("DELETE FROM message_parts WHERE id >= ?1 AND id < ?2")
    lastPart = try prepare("SELECT ifnull(max(id), 0) FROM message_parts")
    uncovered = try prepare(
      """
      SELECT seq, message_hash FROM events
      WHERE seq > (SELECT ifnull(max(last_seq), 0) FROM message_runs) ORDER BY seq LIMIT ?1
      """)
  }

  func runs() throws -> [MessageRun] {
    try readRuns.all { row in
      MessageRun(
        id: row.int(0), entries: Int(row.int(1)), bits: Int(row.int(2)), firstPart: row.int(3),
        lastSeq: row.int(4))
    }
  }

  // MARK: Look-up

  /// The stored calls with the hashes of these messages, which are sorted by hash.
  func matches(_ messages: [Batch.Message]) throws -> [Match] {
    var matches: [Match] = []
    for run in try runs() {
      let messages = try passing(messages, run)
      let part = { MessageRun.part(of: $0, bits: run.bits) }
      try Self.forEach(messages, by: part) { part, messages in
        try find(messages, in: run.firstPart + Int64(part), &matches)
      }
    }
    return matches
  }

  /// Calls `body` with the messages of each place, which are one behind the other.
  private static func forEach(
    _ messages: [Batch.Message], by place: (UInt64) -> Int,
    _ body: (Int, ArraySlice<Batch.Message>) throws -> Void
  ) rethrows {
    var start = 0
    while start < messages.count {
      let first = place(messages[start].hash)
      var end = start + 1
      while end < messages.count, place(messages[end].hash) == first { end += 1 }
      try body(first, messages[start..<end])
      start = end
    }
  }

  /// Those of the messages that a run may hold; all of them when it has no filter.
  private func passing(
    _ messages: [Batch.Message], _ run: MessageRun
  ) throws -> [Batch.Message] {
    let count = MessageFilter.blockCount(for: run.entries)
    guard count > 0, try hasFilter(run) else { return messages }
    var passing: [Batch.Message] = []
    let block = { MessageFilter.block(of: $0, count: count) }
    try Self.forEach(messages, by: block) { block, messages in
      let isThere: Void? = try readBlock.withBlob(ofRow: run.firstPart + Int64(block)) { bits in
        guard bits.count == MessageFilter.blockSize else { throw Self.damagedFilter }
        for message in messages where MessageFilter.passes(message.hash, bits) {
          passing.append(message)
        }
      }
      guard isThere != nil else { throw Self.damagedFilter }
    }
    return passing
  }

  private static let damagedFilter = SQLiteError.damaged("message_filters")

  /// Whether a run has a filter: not when it is short, or of an earlier version.
  func hasFilter(_ run: MessageRun) throws -> Bool {
    try readBlock.first(.integer(run.firstPart)) { _ in true } ?? false
  }

  private func find(
    _ messages: ArraySlice<Batch.Message>, in part: Int64, _ matches: inout [Match]
  ) throws {
    var found: [(entry: Int, place: Int)] = []
    let isThere: Void? = try readHashes.withBlob(ofRow: part) { hashes in
      var place = 0
      for message in messages {
        place = hashes.firstPlace(notBelow: message.hash, from: place)
        var same = place
        while same < hashes.wordCount, hashes.word(same) == message.hash {
          found.append((message.entry, same))
          same += 1
        }
      }
    }
    guard isThere != nil else { throw SQLiteError.damaged("message_parts") }
    guard !found.isEmpty else { return }
    let seqs = try readSeqs.withBlob(ofRow: part) { seqs in
      found.map { seqs.wordCount > $0.place ? Int64(bitPattern: seqs.word($0.place)) : nil }
    }
    guard let seqs else { throw SQLiteError.damaged("message_parts") }
    for (found, seq) in zip(found, seqs) {
      guard let seq else { throw SQLiteError.damaged("message_parts") }
      matches.append(Match(entry: found.entry, seq: seq))
    }
  }

  // MARK: Additions

  /// Takes in the rows of `events` that have no entry yet: those of a store of version 1.
  ///
  /// False when none is left. A call takes in `limit` rows at most, so that others get their turn.
  func catchUp(limit: Int = catchUpLimit) throws -> Bool {
    var entries = try uncovered.all(.init(limit)) { row in
      MessageEntry(hash: UInt64(bitPattern: row.int(1)), seq: row.int(0))
    }
    let isMore = entries.count == limit
    entries.sort(by: MessageEntry.precedes)
    try add(entries)
    return isMore
  }

  /// Adds the entries of new rows, which are sorted, and merges what has become many.
  func add(_ entries: [MessageEntry]) throws {
    guard let last = entries.lazy.map(\.seq).max() else { return }
    var writer = try RunWriter(self, entries: entries.count)
    for entry in entries { try writer.add(entry) }
    try writer.finish(lastSeq: last)
    try mergeLevels(from: MessageRun.level(for: entries.count))
  }

  // MARK: Rows

  func nextPart() throws -> Int64 { try (lastPart.first { $0.int(0) } ?? 0) + 1 }

  func addPart(_ id: Int64, hashes: [UInt8], seqs: [UInt8]) throws {
    try insertPart.run(.integer(id), .blob(hashes), .blob(seqs))
  }

  func addRun(entries: Int, bits: Int, firstPart: Int64, lastSeq: Int64) throws {
    try insertRun.run(.init(entries), .init(bits), .integer(firstPart), .integer(lastSeq))
  }

  /// Writes the filter of a run with this first part.
  func add(_ filter: MessageFilter, firstPart: Int64) throws {
    for block in 0..<filter.blockCount {
      try insertBlock.run(.integer(firstPart + Int64(block)), .blob(filter.bytes(of: block)))
    }
  }

  func remove(_ run: MessageRun) throws {
    let end = run.firstPart + Int64(run.partCount)
    try deleteParts.run(.integer(run.firstPart), .integer(end))
    try deleteBlocks.run(.integer(run.firstPart), .integer(end))
    try deleteRun.run(.integer(run.id))
  }
}
