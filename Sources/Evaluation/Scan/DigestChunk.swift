import Values

/// The profiles of a chunk of digests, evaluated together: one condition or trait after the other, each for
/// all of them. What it needs stays in the processor's own memory then.
struct DigestChunk: ~Copyable {
  /// A chunk is full with so many profiles, or so many events in all series.
  static let profileLimit = 512
  static let hitLimit = 65_536

  /// The hits of a series that are one profile's; they end where those of the next group begin.
  struct Group: BitwiseCopyable {
    /// The place of the profile in the chunk; `.max` behind the last group of a series.
    let profile: Int32
    let start: Int32
  }

  /// Where the groups of a series are, and one that ends them.
  struct Run: BitwiseCopyable {
    var start = 0
    var count = 0
    /// The latest time of its hits.
    var latest = Int64.min
    /// How many different values its hits have, and where these stand among `cells`; none where they were not
    /// counted. Each hit has the number of its value then.
    var kinds = 0
    var firstKind = 0
    /// Which of them is no value; -1 for none.
    var absentKind: Int32 = -1
    /// Whether the others are texts.
    var hasTexts = false
    /// Whether each hit has a number of so many hundredths in place of a value.
    var hasHundredths = false

    var isEmpty: Bool { count == 0 }
    var groups: Range<Int> { start..<(start + count) }
  }

  // One for each profile.
  var identities = ScratchList<Int64>()
  /// Whether only the history can tell.
  var needsHistory = ScratchList<Bool>()
  var until = ScratchList<Int64>()
  /// The values of the definitions that are no truths, so many a profile.
  var values: [Value] = []

  /// The groups of all series.
  var groups = ScratchList<Group>()
  /// Of each series, and then of each stream whose events are asked what comes behind them.
  var runs: FixedTable<Run>
  private var touched = ScratchList<Int32>()

  /// The different values of all series, by where they stand.
  var cells = ScratchList<Int32>()
  /// Whether each of a series passes the test in hand.
  var passes = ScratchList<Bool>()
  /// The streams that a condition about what comes behind an event asks for, and the next group of each.
  var streams = ScratchList<Int32>()
  var nextGroups = ScratchList<Int32>()

  init(runs count: Int) {
    runs = FixedTable([Run](repeating: Run(), count: count))
  }

  var count: Int { identities.count }

  /// Takes in so many profiles of which nothing is known yet.
  mutating func begin(_ count: Int) {
    for number in 0..<touched.count { runs[Int(touched[number])] = Run() }
    touched.removeAll()
    groups.removeAll()
    cells.removeAll()
    identities.removeAll()
    identities.lengthen(by: count)
    needsHistory.removeAll()
    needsHistory.resize(to: count, false)
    until.removeAll()
    until.lengthen(by: count)
  }

  mutating func set(_ run: Run, at number: Int) {
    runs[number] = run
    touched.append(Int32(truncatingIfNeeded: number))
  }

  @inline(__always)
  mutating func append(_ profile: Int, from start: Int) {
    groups.append(
      Group(
        profile: Int32(truncatingIfNeeded: profile), start: Int32(truncatingIfNeeded: start)))
  }

  /// Ends the groups that were appended from a place on, whose hits end at another one. Returns their run.
  mutating func endGroups(from start: Int, hits end: Int, latest: Int64) -> Run {
    let run = Run(start: start, count: groups.count - start, latest: latest)
    groups.append(Group(profile: .max, start: Int32(truncatingIfNeeded: end)))
    return run
  }
}
