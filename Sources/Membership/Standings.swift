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
/// A row is a block of neighbouring profiles with the earliest of their next changes, `wake`, by which those
/// who are due are found. The block that was used last is kept, and is written when another one is asked
/// for, or by `flush`: who goes through profiles in their order reads and writes each block once.
public struct Standings {
  private let reader: StandingBlockReader
  private let add: Statement
  private let change: Statement
  private let changeData: Statement
  private let erase: Statement
  private var block: StandingBlock?
  /// The blocks that were written: other connections see them as they were before.
  private var written: Set<Int64> = []

  public init(_ connection: Connection) throws {
    reader = try StandingBlockReader(connection)
    add = try connection.prepare("INSERT INTO standings(data, block, wake) VALUES (?, ?, ?)")
    change = try connection.prepare("UPDATE standings SET data = ?1, wake = ?3 WHERE block = ?2")
    // Without the index, most of whose entries stay.
    changeData = try connection.prepare("UPDATE standings SET data = ? WHERE block = ?")
    erase = try connection.prepare("DELETE FROM standings WHERE block = ?")
  }

  /// The block of a profile.
  private mutating func open(_ profile: Int64) throws -> StandingBlock {
    let number = StandingBlock.number(of: profile)
    if let block, block.number == number { return block }
    try flush()
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
    try flush()
    let revised = revision.block
    if revision.profiles == nil, !written.contains(revised.number) {
      return try write(revised, revision.wake)
    }
    for profile in revision.profiles ?? revised.revisedProfiles {
      try store(revised.standing(of: profile), of: profile)
    }
  }

  /// Writes what is not written yet.
  mutating func flush() throws {
    guard let open = block else { return }
    block = nil
    if open.revised != 0 { try write(open, try open.wake()) }
  }

  private mutating func write(_ block: StandingBlock, _ wake: Instant) throws {
    written.insert(block.number)
    guard !block.bytes.isEmpty else { return try erase.run(.init(block.number)) }
    if block.stored == wake { return try changeData.run(.blob(block.bytes), .init(block.number)) }
    try (block.stored == nil ? add : change).run(
      .blob(block.bytes), .init(block.number),
      wake == .never ? .null : .init(wake.milliseconds))
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

  /// All standings of a range of profiles, in their order, one step at a time.
  public struct Cursor {
    private let rows: Statement
    private let last: Int64
    private var block = StandingBlock(0)
    private var entry: StandingBlock.Entry?

    public init(_ connection: Connection, _ range: ClosedRange<Int64>) throws {
      rows = try connection.prepareFresh(
        "SELECT block, data FROM standings WHERE block BETWEEN ? AND ? ORDER BY block")
      last = range.upperBound
      try rows.bind([
        .init(StandingBlock.number(of: range.lowerBound)), .init(StandingBlock.number(of: last)),
      ])
      repeat { try advance() } while (profile ?? .max) < range.lowerBound
    }

    /// The profile that stands next; nil at the end.
    public var profile: Int64? { entry?.profile }

    /// Goes on to the next one.
    public mutating func advance() throws {
      var place = entry?.place.upperBound ?? 0
      entry = try block.entry(at: place)
      while entry == nil, try rows.step() {
        block = StandingBlock(rows.int(0), rows.blob(1))
        place = 0
        entry = try block.entry(at: place)
      }
      if let profile, profile > last { entry = nil }
    }

    /// The standing of a profile, which is the one here or has none.
    public func standing(of profile: Int64) -> Standing {
      guard let entry, entry.profile == profile else { return Standing() }
      return block.standing(entry)
    }

    /// Holds what a profile comes to against where it stands.
    public func compare(
      _ profile: Int64, _ next: Instant, _ outcome: Span<UInt8>
    ) -> Comparison {
      block.compare(entry?.profile == profile ? entry : nil, next, outcome)
    }
  }
}
