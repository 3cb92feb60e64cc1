import Evaluation
import SQLite
import Values

/// Parts of histories that were written together, sorted by identity: a row of `part_runs`.
///
/// The parts lie in blocks of about 4 KB (`part_blocks`), whose ids follow each other, and whose they are
/// is said in lists for some blocks each (`part_lists`), so that who has no part is found without a block:
///
///     part_lists   since 0    until 90   block 7   02 | 05 0C   01 | 0A     identities 5 and 17, then 27
///                  since 90   until max  block 9   …
///     part_blocks  7   length, bytes of 5's part, length, bytes of 17's
///                  8   length, bytes of 27's
///
/// A list says for each block how many parts it has, and whose, by the difference to the one before; the
/// first of a list by that to `since`. Numbers are varints.
///
/// This is a place in one run, which moves to any identity, at the least cost to the next ones.
struct PartRun {
  /// How many blocks a list is for.
  static let blocksInList = 32
  /// From how many bytes on a block is full.
  static let blockSize = 3800

  let id: Int64
  /// Parts of identities up to this one are in the rows of `histories`.
  private let folded: Int64
  /// The identities that the list is for; none before the first is read.
  private var covered: Range<Int64> = 0..<0
  private var identities: [Int64] = []
  /// How many parts the list has up to the end of each block.
  private var ends: [Int] = []
  private var firstBlock: Int64 = 0
  /// Which of the list's parts is the one here.
  private var place = 0
  /// The block that was read last, and where in it which part of the list begins.
  private var block: (number: Int, place: Int, offset: Int)?
  private var bytes: [UInt8] = []

  init(id: Int64, folded: Int64) {
    (self.id, self.folded) = (id, folded)
  }

  /// Whose part is here; nil at the end.
  var identity: Int64? { place < identities.count ? identities[place] : nil }

  /// What they are read with, which all runs of one reader share.
  struct Queries {
    fileprivate let list: Statement
    fileprivate let block: Statement

    init(_ connection: Connection) throws {
      list = try connection.prepareFresh(
        """
        SELECT since, until, block, identities FROM part_lists
        WHERE run = ? AND since <= ? ORDER BY since DESC LIMIT 1
        """)
      block = try connection.prepareFresh("SELECT parts FROM part_blocks WHERE id = ?")
    }
  }

  /// Moves to the first part of this identity or a later one.
  mutating func seek(_ identity: Int64, _ queries: Queries) throws {
    let asked = max(identity, folded + 1)
    if !covered.contains(asked) { try readList(of: asked, queries) }
    if place > 0, identities[place - 1] >= asked { place = 0 }
    while place < identities.count, identities[place] < asked { place += 1 }
    try skipEmpty(queries)
  }

  /// Moves to the next part.
  mutating func advance(_ queries: Queries) throws {
    place += 1
    try skipEmpty(queries)
  }

  private mutating func skipEmpty(_ queries: Queries) throws {
    while place >= identities.count, covered.upperBound < .max {
      try readList(of: covered.upperBound, queries)
    }
  }

  /// The part that is here.
  mutating func part(_ queries: Queries) throws -> History {
    let place = try find(queries)
    return History(bytes: Array(bytes[place]))
  }

  /// Calls `body` with the part that is here, in place.
  mutating func withPart<Result>(
    _ queries: Queries, _ body: (Span<UInt8>) throws -> Result
  ) throws -> Result {
    let place = try find(queries)
    return try body(bytes.span.extracting(place))
  }

  /// Where in the bytes of its block the part is that is here.
  private mutating func find(_ queries: Queries) throws -> Range<Int> {
    let number = ends.firstIndex { place < $0 } ?? 0
    let first = number == 0 ? 0 : ends[number - 1]
    if block?.number != number {
      block = nil
      try queries.block.forEach(.init(firstBlock + Int64(number))) { row in
        row.withBytes(0) { bytes in
          self.bytes.removeAll(keepingCapacity: true)
          bytes.withUnsafeBufferPointer { self.bytes.append(contentsOf: $0) }
        }
        block = (number, first, 0)
      }
    }
    guard var (_, here, offset) = block else { throw SQLiteError.damaged("part_blocks") }
    if here > place { (here, offset) = (first, 0) }
    while true {
      guard let length = Varint.read(bytes.span, at: &offset), length <= bytes.count - offset else {
        throw SQLiteError.damaged("part_blocks")
      }
      let end = offset + Int(length)
      if here == place {
        block = (number, here + 1, end)
        return offset..<end
      }
      (here, offset) = (here + 1, end)
    }
  }

  private mutating func readList(of identity: Int64, _ queries: Queries) throws {
    var isRead = false
    try queries.list.forEach(.init(id), .init(identity)) { row in
      let (since, until) = (row.int(0), row.int(1))
      guard since >= 0, since <= identity, identity < until else { return }
      firstBlock = row.int(2)
      covered = since..<until
      isRead = row.withBytes(3) { readList($0, since: since) }
    }
    guard isRead else { throw SQLiteError.damaged("part_lists") }
    place = 0
    block = nil
  }

  /// - Returns: whether it is a list of these identities.
  private mutating func readList(_ bytes: Span<UInt8>, since: Int64) -> Bool {
    identities.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    // One takes a byte at least.
    identities.reserveCapacity(bytes.count)
    var (at, identity) = (0, since)
    while at < bytes.count {
      guard let count = Varint.read(bytes, at: &at), count <= bytes.count - at else { return false }
      for _ in 0..<count {
        guard let difference = Varint.read(bytes, at: &at),
          difference < UInt64(covered.upperBound - identity),
          difference > 0 || (identities.isEmpty && since > 0)
        else { return false }
        identity += Int64(difference)
        identities.append(identity)
      }
      ends.append(identities.count)
    }
    return true
  }
}
