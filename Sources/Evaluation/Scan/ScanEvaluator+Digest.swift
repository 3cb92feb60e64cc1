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
  /// Columns of a set, or where their values stand.
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
    return reader.at
  }

  /// The place of a column, which is seen from now on.
  private mutating func see(_ column: Int) -> Int {
    let known = place(ofColumn: column)
    if known < 0 { seen.append(Int32(truncatingIfNeeded: column)) }
    return known < 0 ? seen.count - 1 : known
  }
}

extension ScanEvaluator {
  // MARK: Writing

  /// Evaluates a profile by its history, and adds what the definitions ask of it to a digest.
  public mutating func evaluate(
    _ history: Span<UInt8>, digesting identity: Int64, into writer: inout DigestWriter
  ) {
    digest.marksEvents = true
    evaluate(history)
    digest.marksEvents = false
    guard !history.isEmpty else { return }
    let needsHistory =
      lastPass.ofUser > now || lastPass.asksOthers || (others.asksTraits && !traitCalls.isEmpty)
    if !needsHistory {
      writeTraits(history, &writer.profile)
      writeEvents(history, &writer)
    }
    writer.end(identity, needsHistory: needsHistory)
  }

  private mutating func writeTraits(_ bytes: Span<UInt8>, _ writer: inout PackedWriter) {
    var calls = PackedWriter()
    var count: UInt64 = 0
    var time: Int64 = 0
    for number in 0..<traitCalls.count {
      let call = traitCalls[number]
      var object = PackedWriter()
      Self.write(keys: digest.traitKeys, at: call.payload, bytes, &object)
      if object.count == 0 { continue }
      count += 1
      calls.zigzag(call.time - time)
      time = call.time
      calls.varint(UInt64(object.count))
      object.withSpan { calls.append($0) }
    }
    writer.varint(count)
    calls.withSpan { writer.append($0) }
  }

  /// Writes the object at a place with these keys alone; nothing where it has none of them.
  private static func write(
    keys: [Int32], at place: Int, _ bytes: Span<UInt8>, _ writer: inout PackedWriter
  ) {
    var reader = ScanReader(at: place)
    guard !keys.isEmpty, reader.tag(bytes) == .object else { return }
    let end = Int(truncatingIfNeeded: reader.varint(bytes)) + reader.at
    writer.tag(.object)
    let start = writer.open()
    while reader.at < end {
      let member = reader.at
      let key = Int32(truncatingIfNeeded: reader.varint(bytes))
      reader.skip(bytes)
      if keys.contains(key) { writer.append(bytes.extracting(member..<reader.at)) }
    }
    if writer.count == start + 1 { return writer.truncate(to: 0) }
    writer.close(start)
  }

  private mutating func writeEvents(_ bytes: Span<UInt8>, _ writer: inout DigestWriter) {
    var time: Int64 = 0
    for number in 0..<digest.events.count {
      let start = Int(digest.events[number])
      let end = number + 1 < digest.events.count ? Int(digest.events[number + 1]) : found.count
      digest.set.removeAll()
      for hit in start..<end { digest.set.append(found[hit].stream) }
      writer.profile.varint(UInt64(writer.number(ofSet: digest.set)))
      writer.profile.zigzag(found[start].time - time)
      time = found[start].time
      digest.seen.removeAll()
      for hit in start..<end {
        let column = digest.gateOfStream[Int(found[hit].stream)].column
        if column < 0 || digest.place(ofColumn: column) >= 0 { continue }
        digest.seen.append(Int32(truncatingIfNeeded: column))
        write(Int(found[hit].cell), bytes, &writer.profile)
      }
    }
  }

  private func write(_ cell: Int, _ bytes: Span<UInt8>, _ writer: inout PackedWriter) {
    guard cell >= 0 else { return writer.tag(.null) }
    var reader = ScanReader(at: cell)
    reader.skip(bytes)
    writer.append(bytes.extracting(cell..<reader.at))
  }

  /// Reads the sets of a block; the cursor stands before its first profile.
  public mutating func open(_ block: Span<UInt8>) -> DigestCursor {
    rememberTraits()
    return DigestCursor(at: digest.readSets(block))
  }
}
