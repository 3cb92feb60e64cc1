/// What a pass asks of the events of each name at an instant, or at some instants of a range, in the form
/// in which it is read.
struct GateTables {
  private(set) var slots: [ScanEvaluator.Slot]
  private(set) var gates: [ScanEvaluator.Gate] = []
  private(set) var columnOfKey: [Int32] = []

  init(_ scan: ScanProgram, _ range: ClosedRange<Int64>) {
    slots = [ScanEvaluator.Slot](
      repeating: ScanEvaluator.Slot(), count: scan.program.slotCount)
    for (column, key) in scan.keys.enumerated() {
      let missing = Int(key) + 1 - columnOfKey.count
      if missing > 0 { columnOfKey += [Int32](repeating: -1, count: missing) }
      columnOfKey[Int(key)] = Int32(column)
    }
    for slot in slots.indices {
      let streams = scan.streams.indices.filter { scan.streams[$0].slot == slot }
        .sorted { scan.streams[$0].condition < scan.streams[$1].condition }
      slots[slot].start = gates.count
      slots[slot].end = gates.count + streams.count
      for number in streams { add(scan.streams[number], number, scan, range) }
    }
  }

  private mutating func add(
    _ stream: ScanProgram.Stream, _ number: Int, _ scan: ScanProgram,
    _ range: ClosedRange<Int64>
  ) {
    let from =
      stream.high == .max ? .min : range.lowerBound.subtractingClamped(stream.high)
    gates.append(
      ScanEvaluator.Gate(
        from: from, there: range.upperBound.subtractingClamped(stream.low),
        condition: stream.condition,
        column: stream.column, stream: number))
    slots[stream.slot].from = min(slots[stream.slot].from, from)
    if stream.column >= 0 { addColumn(stream.column, to: stream.slot) }
    if stream.condition >= 0 { addColumns(of: stream.condition, to: stream.slot, scan) }
  }

  private mutating func addColumns(of node: Int, to slot: Int, _ scan: ScanProgram) {
    switch scan.eventNodes[node] {
    case .and(let range), .or(let range):
      for child in range { addColumns(of: scan.eventChildren[child], to: slot, scan) }
    case .not(let inner): addColumns(of: inner, to: slot, scan)
    case .test(let column, _): addColumn(column, to: slot)
    }
  }

  private mutating func addColumn(_ column: Int, to slot: Int) {
    slots[slot].columns |= 1 << UInt64(min(63, column))
  }

  func streams(_ scan: ScanProgram, _ series: DigestSeries) -> [ScanEvaluator.StreamEntry] {
    let gates = gates.sorted { $0.stream < $1.stream }
    var start = 0
    var runs = series.count
    return scan.streams.indices.map { number in
      let stream = scan.streams[number]
      let count = scan.definitionsOfStream[number].count
      start += count
      let isOwn = stream.related >= 0
      runs += isOwn ? 1 : 0
      return ScanEvaluator.StreamEntry(
        low: stream.low, high: stream.high, related: stream.related,
        forbidsComing: stream.isRelated || isOwn, concerned: (start - count)..<start,
        from: gates[number].from, there: gates[number].there,
        run: isOwn ? runs - 1 : series.ofStream[number])
    }
  }
}

extension Int64 {
  fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other > 0 ? .min : .max) : difference
  }
}
