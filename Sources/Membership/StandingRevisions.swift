import SQLite
import Values

/// A block of standings in which some are others than in the store, ready to be written.
public struct StandingRevision: Sendable {
  let block: StandingBlock
  /// The earliest next change in it.
  let wake: Instant
  /// Those of the block of whom it says where they stand, in their order; the others may stand elsewhere
  /// than the block says. Nil where all is as it says.
  private(set) var profiles: [Int64]?

  init(_ block: StandingBlock) throws {
    self.block = block
    wake = try block.wake()
  }

  /// The same without saying anything of some profiles.
  public func leaving(out others: Set<Int64>) -> StandingRevision {
    let revised = profiles ?? block.revisedProfiles
    let rest = revised.filter { !others.contains($0) }
    guard rest.count < revised.count else { return self }
    var revision = self
    revision.profiles = rest
    return revision
  }
}

/// Where some profiles stand, and where they will: for a thread that reads with a connection of its own
/// and leaves the writing to another. Profiles come in their order, and each at most once.
public struct StandingRevisions {
  private var walk: StandingBlockWalk
  private var block: StandingBlock?
  private var revisions: [StandingRevision] = []

  public init(_ connection: Connection) throws {
    walk = try StandingBlockWalk(connection)
  }

  /// Whether two profiles have their standings in one block. Those of one block belong to one thread.
  public static func areNeighbours(_ a: Int64, _ b: Int64) -> Bool {
    StandingBlock.number(of: a) == StandingBlock.number(of: b)
  }

  private mutating func open(_ profile: Int64) throws -> StandingBlock {
    let number = StandingBlock.number(of: profile)
    if let block, block.number == number { return block }
    try close()
    let opened = try walk.block(number)
    block = opened
    return opened
  }

  private mutating func close() throws {
    guard let open = block else { return }
    block = nil
    if open.revised != 0 { revisions.append(try StandingRevision(open)) }
  }

  /// Holds what a profile comes to against where it stands.
  public mutating func compare(
    _ profile: Int64, _ next: Instant, _ outcome: Span<UInt8>
  ) throws -> Standings.Comparison {
    let block = try open(profile)
    return block.compare(try block.entry(of: profile), next, outcome)
  }

  /// The outcome of a profile before.
  public mutating func outcome(of profile: Int64) throws -> [UInt8] {
    try open(profile).standing(of: profile).outcome
  }

  /// Notes where a profile stands now.
  public mutating func note(_ standing: Standing, of profile: Int64) throws {
    _ = try open(profile)
    try block?.set(standing, of: profile)
  }

  /// The blocks with what was noted, which are not kept.
  public mutating func take() throws -> [StandingRevision] {
    try close()
    defer { revisions = [] }
    return revisions
  }
}
