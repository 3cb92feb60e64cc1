import Values

/// Some profiles of a block of digests, evaluated together: one condition or trait after the other, each for
/// all of them. What it needs stays in the processor's own memory then.
struct DigestChunk: ~Copyable {
  /// A chunk is full with so many profiles, or so many hits.
  static let profileLimit = 1024
  static let hitLimit = 8192

  /// An event, in the order of the profiles and of time.
  struct Event: BitwiseCopyable {
    let time: Int64
    /// The number of its set of streams.
    let set: Int32
    /// Where its values begin among `cells`.
    let cells: Int32
    let profile: Int32
  }

  /// The hits of a stream that are one profile's.
  struct Group: BitwiseCopyable {
    /// Stands before the first group of a stream.
    static let none = Group(profile: -1, start: 0)

    let profile: Int32
    private(set) var start: Int32
    private(set) var kept: Int32 = 0
    private(set) var coming: Int32 = 0

    @inline(__always)
    init(profile: Int32, start: Int32) {
      self.profile = profile
      self.start = start
    }

    @inline(__always)
    mutating func count(isComing: Bool) {
      kept += isComing ? 0 : 1
      coming += isComing ? 1 : 0
    }

    var place: ScanEvaluator.Place {
      @inline(__always) get {
        ScanEvaluator.Place(start: Int(start), kept: Int(kept), coming: Int(coming))
      }
      set {
        start = Int32(truncatingIfNeeded: newValue.start)
        kept = Int32(truncatingIfNeeded: newValue.kept)
        coming = Int32(truncatingIfNeeded: newValue.coming)
      }
    }
  }

  /// Where the next hit of a stream goes, and its next group.
  struct Cursor: BitwiseCopyable {
    var hit: Int32 = 0
    var group: Int32 = 0
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

  var events = ScratchList<Event>()
  /// Where the values of the events stand.
  var cells = ScratchList<Int32>()
  /// How many hits there may be; those that are over by now are not.
  var hitCount = 0
  /// How many each stream may have, and where the next one goes.
  var rooms: FixedTable<Int32>
  var cursors: FixedTable<Cursor>
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
    rooms = FixedTable(none)
    cursors = FixedTable([Cursor](repeating: Cursor(), count: scan.streams.count))
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
  var isFull: Bool { count >= profileLimit || hitCount >= Self.hitLimit }

  /// Whose a group of a stream is; `.max` behind the last.
  @inline(__always)
  func profile(ofGroup group: Int32, _ stream: Int) -> Int {
    group < ends[stream] ? Int(groups[Int(group)].profile) : .max
  }

  mutating func removeAll() {
    identities.removeAll()
    needsHistory.removeAll()
    until.removeAll()
    decided.removeAll()
    traitEnds.removeAll()
    words.removeAll()
    events.removeAll()
    cells.removeAll()
    hitCount = 0
    withTraits.removeAll()
    for number in 0..<touched.count {
      let stream = Int(touched[number])
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
}
