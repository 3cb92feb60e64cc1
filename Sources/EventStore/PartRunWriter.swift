import Evaluation
import SQLite
import Values

/// Writes the parts of a run one after the other.
struct PartRunWriter {
  private let connection: Connection
  private let addBlock: Statement
  private let addList: Statement
  private let id: Int64
  private let firstBlock: Int64
  private var parts: Int64 = 0

  /// The list that is filled: from whom on, and its blocks.
  private var list: (since: Int64, block: Int64, bytes: [UInt8], blocks: Int)
  /// The last identity in it.
  private var listed: Int64 = 0
  private var nextBlock: Int64
  /// Whose parts the block that is filled has.
  private var identities: [Int64] = []
  private var block: [UInt8] = []
  private var last: Int64 = 0

  /// Only inside a write transaction.
  init(_ connection: Connection) throws {
    self.connection = connection
    addBlock = try connection.prepareFresh("INSERT INTO part_blocks(id, parts) VALUES (?, ?)")
    addList = try connection.prepareFresh(
      "INSERT INTO part_lists(run, since, until, block, identities) VALUES (?, ?, ?, ?, ?)")
    func next(_ table: String) throws -> Int64 {
      try connection.prepare("SELECT coalesce(max(id), 0) + 1 FROM \(table)").first { $0.int(0) }
        ?? 1
    }
    id = try next("part_runs")
    firstBlock = try next("part_blocks")
    nextBlock = firstBlock
    list = (since: 0, block: firstBlock, bytes: [], blocks: 0)
  }

  /// Adds the part of an identity that comes behind the others.
  ///
  /// - Throws: `SQLiteError.damaged` where it does not.
  mutating func add(_ identity: Int64, _ history: History) throws {
    guard identity > last else { throw SQLiteError.damaged("part_lists") }
    let isFull = !block.isEmpty && block.count + history.bytes.count > PartRun.blockSize
    if isFull {
      try endBlock()
      if list.blocks == PartRun.blocksInList { try endList(until: identity) }
    }
    identities.append(identity)
    Varint.append(UInt64(history.bytes.count), to: &block)
    block += history.bytes
    parts += 1
    last = identity
  }

  /// Writes what is left, and the run, unless there is nothing.
  mutating func finish() throws {
    guard parts > 0 else { return }
    try endBlock()
    try endList(until: .max)
    try connection.run(
      "INSERT INTO part_runs(id, parts, folded, first_block, last_block) VALUES (?, ?, 0, ?, ?)",
      .init(id), .init(parts), .init(firstBlock), .init(nextBlock - 1))
  }

  private mutating func endBlock() throws {
    try addBlock.run(.init(nextBlock), .blob(block))
    Varint.append(UInt64(identities.count), to: &list.bytes)
    for identity in identities {
      Varint.append(UInt64(identity - listed), to: &list.bytes)
      listed = identity
    }
    list.blocks += 1
    nextBlock += 1
    block.removeAll(keepingCapacity: true)
    identities.removeAll(keepingCapacity: true)
  }

  private mutating func endList(until: Int64) throws {
    try addList.run(
      .init(id), .init(list.since), .init(until), .init(list.block), .blob(list.bytes))
    list = (since: until, block: nextBlock, bytes: [], blocks: 0)
    listed = until
  }
}
