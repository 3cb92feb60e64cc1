import SQLite
import Values

extension Standings {
  /// All standings of a range of profiles, in their order, one step at a time.
  public struct Cursor {
    private var walk: StandingBlockWalk
    private let last: Int64
    private var block: StandingBlock
    /// Where the block goes on behind the entry.
    private var place = 0
    private var entry: StandingBlock.Entry?

    public init(_ connection: Connection, _ range: ClosedRange<Int64>) throws {
      walk = try StandingBlockWalk(connection, isAlone: false)
      last = range.upperBound
      // The one before the first has nobody.
      block = StandingBlock(StandingBlock.number(of: range.lowerBound) - 1)
      repeat { try advance() } while (profile ?? .max) < range.lowerBound
    }

    /// The profile that stands next; nil at the end.
    public var profile: Int64? { entry?.profile }

    /// Goes on to the next one.
    public mutating func advance() throws {
      entry = try block.entry(at: place)
      while entry == nil, let next = try walk.block(from: block.number + 1) {
        block = next
        entry = try block.entry(at: 0)
      }
      if let entry { place = entry.place.upperBound }
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
