/// What a scan needs to write and to read digests.
struct DigestTables: ~Copyable {
  /// A stream of a set, as an event of the set is held against it.
  struct Member: BitwiseCopyable {
    let from: Int64
    let there: Int64
    let stream: Int32
    /// Which of the set's values is the stream's; -1 for none.
    let value: Int32
  }

  /// A set of streams.
  struct StreamSet: BitwiseCopyable {
    /// A run of `members`.
    let start: Int32
    let end: Int32
    /// How many values an event of the set has.
    let values: Int32
  }

  let gateOfStream: FixedTable<ScanEvaluator.Gate>
  /// The top-level keys of the custom traits that are asked for.
  let traitKeys: [Int32]
  /// Whether it is noted where the hits of each event begin.
  var marksEvents = false
  var events = ScratchList<Int32>()
  /// The streams of the event that is written.
  var set = ScratchList<Int32>()
  /// The sets of the block that is read.
  var sets = ScratchList<StreamSet>()
  var members = ScratchList<Member>()
  /// How many events of the chunk each set has, and which have some.
  var eventCounts = ScratchList<Int32>()
  var touched = ScratchList<Int32>()
  /// Columns of a set.
  var seen = ScratchList<Int32>()

  init(_ program: Program, _ gates: [ScanEvaluator.Gate]) {
    gateOfStream = FixedTable(gates.sorted { $0.stream < $1.stream })
    traitKeys = program.paths.compactMap { path in
      if case .key(let key)? = path.steps.first { key } else { nil }
    }
  }

  /// The place of a column among those that were seen; -1 for a new one.
  func place(ofColumn column: Int) -> Int {
    for place in 0..<seen.count where Int(seen[place]) == column { return place }
    return -1
  }

  /// Reads the sets of a block. Returns where the profiles begin.
  mutating func readSets(_ block: Span<UInt8>) -> Int {
    sets.removeAll()
    members.removeAll()
    var reader = ScanReader(at: 0)
    for _ in 0..<reader.varint(block) {
      let start = members.count
      seen.removeAll()
      for _ in 0..<reader.varint(block) {
        let stream = Int(truncatingIfNeeded: reader.varint(block))
        let gate = gateOfStream[stream]
        members.append(
          Member(
            from: gate.from, there: gate.there, stream: Int32(truncatingIfNeeded: stream),
            value: Int32(truncatingIfNeeded: gate.column < 0 ? -1 : see(gate.column))))
      }
      sets.append(
        StreamSet(
          start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: members.count),
          values: Int32(truncatingIfNeeded: seen.count)))
    }
    eventCounts.removeAll()
    for _ in 0..<sets.count { eventCounts.append(0) }
    touched.removeAll()
    return reader.at
  }

  /// The place of a column, which is seen from now on.
  private mutating func see(_ column: Int) -> Int {
    let known = place(ofColumn: column)
    if known < 0 { seen.append(Int32(truncatingIfNeeded: column)) }
    return known < 0 ? seen.count - 1 : known
  }
}
