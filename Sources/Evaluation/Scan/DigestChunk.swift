import Values

/// Some profiles of a block of digests, evaluated together: one definition after the other, each for all
/// of them. What a definition needs stays in the processor's own memory then.
struct DigestChunk: ~Copyable {
  /// A chunk is full with so many profiles, or so many hits.
  static let profileLimit = 1024
  static let hitLimit = 8192

  /// An event that belongs to a stream, in the order of the profiles and of time.
  struct Found: BitwiseCopyable {
    let time: Int64
    let cell: Int32
    let stream: Int32
    let profile: Int32
  }

  /// The hits of a stream that are one profile's.
  struct Group: BitwiseCopyable {
    let profile: Int
    var place: ScanEvaluator.Place
  }

  /// How many profiles fit into the rows of conditions.
  var profileLimit = Self.profileLimit

  // One for each profile.
  var identities = ScratchList<Int64>()
  /// Whether only the history can tell.
  var needsHistory = ScratchList<Bool>()
  var until = ScratchList<Int64>()
  /// The definition that was decided last.
  var decided = ScratchList<Int32>()
  /// Where the calls with traits end.
  var traitEnds = ScratchList<Int32>()
  /// The bits of the definitions that are there and not `false`, by rank, so many words a profile.
  var words = ScratchList<UInt64>()
  /// The values of the definitions that are no truths, so many a profile.
  var values: [Value] = []

  var found = ScratchList<Found>()
  /// How many hits each stream has, and where the next one goes.
  var counts: FixedTable<Int32>
  var touched = ScratchList<Int32>()
  /// The groups of all streams, and where those of each begin and end.
  var groups = ScratchList<Group>()
  var starts: FixedTable<Int32>
  var ends: FixedTable<Int32>
  /// Those with traits.
  var withTraits = ScratchList<Int32>()
  /// The streams of the definition in hand, or of a condition about what comes behind an event, and the
  /// next group of each.
  var streams = ScratchList<Int32>()
  var nextGroups = ScratchList<Int32>()
  /// Whose that is; `.max` behind the last.
  var nextProfiles = ScratchList<Int>()

  /// The streams that each definition looks at, and where those of each begin; and the end.
  let streamsOfDefinition: FixedTable<Int32>
  let streamStarts: FixedTable<Int32>

  init(_ scan: ScanProgram) {
    let none = [Int32](repeating: 0, count: scan.streams.count)
    counts = FixedTable(none)
    starts = FixedTable(none)
    ends = FixedTable(none)
    var ofDefinition = [[Int32]](repeating: [], count: scan.definitions.count)
    for (stream, definitions) in scan.definitionsOfStream.enumerated() {
      for definition in definitions { ofDefinition[definition].append(Int32(stream)) }
    }
    streamsOfDefinition = FixedTable(ofDefinition.flatMap { $0 })
    streamStarts = FixedTable(
      ofDefinition.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) })
  }

  var count: Int { identities.count }
  var isFull: Bool { count >= profileLimit || found.count >= Self.hitLimit }

  /// Whose a group of a stream is; `.max` behind the last.
  @inline(__always)
  func profile(ofGroup group: Int32, _ stream: Int) -> Int {
    group < ends[stream] ? groups[Int(group)].profile : .max
  }

  mutating func removeAll() {
    identities.removeAll()
    needsHistory.removeAll()
    until.removeAll()
    decided.removeAll()
    traitEnds.removeAll()
    words.removeAll()
    found.removeAll()
    withTraits.removeAll()
    groups.removeAll()
    for number in 0..<touched.count {
      let stream = Int(touched[number])
      counts[stream] = 0
      starts[stream] = 0
      ends[stream] = 0
    }
    touched.removeAll()
  }

  /// Takes in a profile of which nothing is known yet.
  @inline(__always)
  mutating func append(_ identity: Int64, needsHistory isUnknown: Bool) {
    identities.append(identity)
    needsHistory.append(isUnknown)
    until.append(.max)
    decided.append(-1)
  }

  /// Takes in a hit of the last profile.
  @inline(__always)
  mutating func append(_ time: Int64, _ cell: Int32, stream: Int32) {
    if counts[Int(stream)] == 0 { touched.append(stream) }
    counts[Int(stream)] += 1
    found.append(
      Found(
        time: time, cell: cell, stream: stream,
        profile: Int32(truncatingIfNeeded: identities.count - 1)))
  }
}
