/// Writes blocks of digests, one profile after the other.
public struct DigestWriter: ~Copyable {
  /// What is kept of an event, or of a custom trait.
  struct Entry: BitwiseCopyable {
    let time: Int64
    let series: Int32
    /// The place of the profile in the chunk.
    let profile: Int32
    /// Where its packed value stands among `values`; it has none where that is empty.
    var valueStart: Int32
    var valueEnd: Int32
    /// Whether nothing but numbers is asked of the series.
    let isNumeric: Bool
  }

  /// The chunks that are full.
  private var chunks = PackedWriter()
  private var last: Int64 = 0

  // The chunk in hand.
  private var identities = ScratchList<Int64>()
  private var withHistory = ScratchList<Int32>()
  private var entries = ScratchList<Entry>()
  private var values = PackedWriter()
  /// How much of it is of the profiles before the one in hand.
  private var ended = (entries: 0, values: 0)

  // To sort it.
  private var starts = ScratchList<Int32>()
  private var sorted = ScratchList<Entry>()
  private var dictionary = DigestDictionary()

  public init() {}

  /// How many bytes there are so far, about.
  public var size: Int { chunks.count + 6 * entries.count + values.count }

  /// Ends the block; nil when nobody is in it.
  public mutating func close() -> DigestBlock? {
    closeChunk()
    guard chunks.count > 0 else { return nil }
    for _ in 0..<PackedNumbers.padding { chunks.append(0) }
    let block = DigestBlock(last: last, bytes: chunks.bytes)
    chunks.truncate(to: 0)
    return block
  }

  // MARK: The profile in hand

  /// How much was added of it.
  var count: Int { entries.count - ended.entries }

  /// Adds something, with the packed value at a place of a history; -1 for none.
  mutating func add(
    _ series: Int, _ time: Int64, _ cell: Int, _ history: Span<UInt8>, isNumeric: Bool = false
  ) {
    let start = Int32(truncatingIfNeeded: values.count)
    entries.append(
      Entry(
        time: time, series: Int32(truncatingIfNeeded: series),
        profile: Int32(truncatingIfNeeded: identities.count), valueStart: start, valueEnd: start,
        isNumeric: isNumeric))
    give(cell, toEntry: count - 1, history)
  }

  /// Gives something that was added the value at a place of the history, unless it has one.
  mutating func give(_ cell: Int, toEntry number: Int, _ history: Span<UInt8>) {
    let place = ended.entries + number
    var entry = entries[place]
    guard cell >= 0, entry.valueStart == entry.valueEnd else { return }
    var reader = ScanReader(at: cell)
    reader.skip(history)
    entry.valueStart = Int32(truncatingIfNeeded: values.count)
    values.append(history.extracting(cell..<reader.at))
    entry.valueEnd = Int32(truncatingIfNeeded: values.count)
    entries[place] = entry
  }

  /// The series of what was added.
  func series(ofEntry number: Int) -> Int { Int(entries[ended.entries + number].series) }

  /// Ends the profile in hand.
  ///
  /// - Parameter needsHistory: whether its history has to be read. What was added of it is left out then.
  mutating func end(_ identity: Int64, needsHistory: Bool) {
    if needsHistory {
      entries.truncate(to: ended.entries)
      values.truncate(to: ended.values)
      withHistory.append(Int32(truncatingIfNeeded: identities.count))
    }
    identities.append(identity)
    last = identity
    ended = (entries.count, values.count)
    if identities.count >= DigestChunk.profileLimit || entries.count >= DigestChunk.hitLimit {
      closeChunk()
    }
  }

  // MARK: The chunk in hand

  private mutating func closeChunk() {
    guard !identities.isEmpty else { return }
    chunks.varint(UInt64(identities.count))
    chunks.numbers(identities.count) { identities[$0] }
    chunks.varint(UInt64(withHistory.count))
    chunks.numbers(withHistory.count) { Int64(withHistory[$0]) }
    let series = sort()
    var present = 0
    for number in 0..<series where starts[number + 1] > starts[number] { present += 1 }
    chunks.varint(UInt64(present))
    for number in 0..<series where starts[number + 1] > starts[number] {
      write(number, Int(starts[number])..<Int(starts[number + 1]))
    }
    identities.removeAll()
    withHistory.removeAll()
    entries.removeAll()
    values.truncate(to: 0)
    ended = (0, 0)
  }

  /// Puts the entries of each series side by side, in their order; `starts` says where. Returns how many
  /// series there may be.
  private mutating func sort() -> Int {
    var series = 0
    for number in 0..<entries.count { series = max(series, Int(entries[number].series) + 1) }
    starts.removeAll()
    starts.resize(to: series + 1, 0)
    for number in 0..<entries.count { starts[Int(entries[number].series)] += 1 }
    var start: Int32 = 0
    for number in 0...series {
      let count = starts[number]
      starts[number] = start
      start += count
    }
    sorted.removeAll()
    sorted.lengthen(by: entries.count)
    for number in 0..<entries.count {
      let entry = entries[number]
      sorted[Int(starts[Int(entry.series)])] = entry
      starts[Int(entry.series)] += 1
    }
    // Each stands where the next one begins by now.
    for number in (0..<series).reversed() { starts[number + 1] = starts[number] }
    starts[0] = 0
    return series
  }

  private mutating func write(_ series: Int, _ range: Range<Int>) {
    var groups: [(profile: Int32, count: Int64)] = []
    var hasValues = false
    for number in range {
      let entry = sorted[number]
      if groups.last?.profile != entry.profile { groups.append((entry.profile, 0)) }
      groups[groups.count - 1].count += 1
      if entry.valueEnd > entry.valueStart { hasValues = true }
    }
    chunks.varint(UInt64(series))
    chunks.varint(UInt64(groups.count))
    chunks.varint(UInt64(range.count))
    chunks.numbers(groups.count) { Int64(groups[$0].profile) }
    chunks.numbers(groups.count) { groups[$0].count }
    chunks.numbers(range.count) { sorted[range.lowerBound + $0].time }
    if hasValues {
      writeValues(range)
    } else {
      chunks.varint(UInt64(DigestBlock.Values.none))
    }
  }

  private mutating func writeValues(_ range: Range<Int>) {
    if let hundredths = hundredths(range) {
      chunks.varint(UInt64(DigestBlock.Values.hundredths))
      chunks.numbers(range.count) { hundredths[$0] }
    } else if dictionary.take(range.map { value(sorted[$0]) }, values) {
      chunks.varint(UInt64(DigestBlock.Values.hundredths + dictionary.count))
      for number in 0..<dictionary.count { append(dictionary.value(number)) }
      chunks.numbers(range.count) { Int64(dictionary.codes[$0]) }
    } else {
      chunks.varint(UInt64(DigestBlock.Values.packed))
      for number in range { append(value(sorted[number])) }
    }
  }

  /// The numbers of a series in hundredths, where all are kept so, and no sum of them goes beyond what a double
  /// holds exactly.
  private func hundredths(_ range: Range<Int>) -> [Int64]? {
    guard sorted[range.lowerBound].isNumeric, range.count < 1 << 20 else { return nil }
    var numbers: [Int64] = []
    for number in range {
      let value = value(sorted[number])
      if value.isEmpty { return nil }
      var reader = ScanReader(at: value.lowerBound)
      let hundredths = values.withSpan { reader.hundredths($0) }
      guard let hundredths, Int32(exactly: hundredths) != nil else { return nil }
      numbers.append(hundredths)
    }
    return numbers
  }

  private func value(_ entry: Entry) -> Range<Int> { Int(entry.valueStart)..<Int(entry.valueEnd) }

  private mutating func append(_ value: Range<Int>) {
    if value.isEmpty { return chunks.tag(.null) }
    values.withSpan { chunks.append($0.extracting(value)) }
  }
}
