import SQLite
import Values

/// Where a profile stands after its last evaluation.
public struct Standing: Sendable, Equatable {
  /// When it must be looked at again though nothing happens; `never` for not at all.
  public var next: Instant
  /// What the snapshot holds of it, in the form of `OutcomeCoder`.
  public var outcome: [UInt8]

  /// An outcome that no evaluation comes to: what the snapshot holds has to be read.
  public static let unknown: [UInt8] = [0]

  public init(next: Instant = .never, outcome: [UInt8] = []) {
    self.next = next
    self.outcome = outcome
  }
}

/// The standings of a store. A profile without one has nothing and waits for nothing.
///
/// A row is a block of neighbouring profiles; who stands elsewhere since lately has a row of his own in a small
/// table beside it, which lies over it (`RecentRows`). By the earliest next change of each block those who
/// are due are found. The block that was used last is kept, and is written when another one is asked for, or
/// by `flush`: who goes through profiles in their order reads and writes each block once.
public struct Standings {
  private let reader: StandingBlockReader
  private var writer: StandingWriter
  private var block: StandingBlock?
  /// The blocks that were written: other connections see them as they were before.
  private var written: Set<Int64> = []

  /// - Parameter recent: how many may lie beside the blocks.
  public init(_ connection: Connection, recent: RecentLimit = RecentLimit()) throws {
    reader = try StandingBlockReader(connection)
    writer = try StandingWriter(connection, recent)
  }

  /// The block of a profile.
  private mutating func open(_ profile: Int64) throws -> StandingBlock {
    let number = StandingBlock.number(of: profile)
    if let block, block.number == number { return block }
    try close()
    let opened = try reader.block(number)
    block = opened
    return opened
  }

  /// Where a profile stands.
  public mutating func standing(of profile: Int64) throws -> Standing {
    try open(profile).standing(of: profile)
  }

  /// Holds what a profile comes to against where it stands.
  public mutating func compare(
    _ profile: Int64, _ next: Instant, _ outcome: Span<UInt8>
  ) throws -> Comparison {
    let block = try open(profile)
    return block.compare(try block.entry(of: profile), next, outcome)
  }

  /// Only inside a write transaction that `flush` ends.
  mutating func store(_ standing: Standing, of profile: Int64) throws {
    _ = try open(profile)
    try block?.set(standing, of: profile)
  }

  /// Takes over a block that was revised as the store held it before this transaction. What was
  /// written of it since then remains, but for those whose standing was set.
  mutating func store(_ revision: StandingRevision) throws {
    try close()
    let revised = revision.block
    if revision.profiles == nil, !written.contains(revised.number) {
      return try write(revised, revision.wake)
    }
    for profile in revision.profiles ?? revised.revisedProfiles {
      try store(revised.standing(of: profile), of: profile)
    }
  }

  /// Says of how many profiles standings may be stored.
  mutating func expect(_ profiles: Int) { writer.expect(profiles) }

  /// Writes what is not written yet. Behind it others see all on this connection.
  mutating func flush() throws {
    try close()
    try writer.save()
  }

  /// Writes the block that is open.
  private mutating func close() throws {
    guard let open = block else { return }
    block = nil
    if open.revised != 0 { try write(open, try open.wake()) }
  }

  private mutating func write(_ block: StandingBlock, _ wake: Instant) throws {
    written.insert(block.number)
    try writer.write(block, wake)
  }

  /// What an evaluation is to what a standing says.
  public enum Comparison: Sendable {
    case same
    /// The outcome is the same, and waits for another instant.
    case waits
    /// The outcome is another one.
    case differs

    init(isSameNext: Bool, isSameOutcome: Bool) {
      self = isSameOutcome ? (isSameNext ? .same : .waits) : .differs
    }
  }
}
