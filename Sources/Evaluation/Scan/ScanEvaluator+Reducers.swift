import Definitions
import Values

extension ScanEvaluator {
  /// What a leaf comes to.
  mutating func reduce(_ leaf: Int, _ bytes: Span<UInt8>) -> Outcome<Value> {
    let until = until(leaf)
    if leaves[leaf].reducer.isNumeric {
      return Outcome(number(leaf, bytes).map(Value.number) ?? .absent, until: until)
    }
    return Outcome(value(leaf, bytes), until: until)
  }

  /// What a leaf comes to, held against a test.
  mutating func hold(_ leaf: Int, against test: Int, _ bytes: Span<UInt8>) -> Outcome<Bool> {
    let place = places[leaves[leaf].stream]
    let truth =
      switch leaves[leaf].reducer {
      case .first: matcher.passes(test, edge(place, bytes, isLast: false), bytes)
      case .last: matcher.passes(test, edge(place, bytes, isLast: true), bytes)
      case .mode(_, let least):
        if let cell = mostFrequentText(place, least, bytes) {
          matcher.passes(test, cell, bytes)
        } else {
          matcher.passes(test, value(leaf, bytes))
        }
      default: matcher.passes(test, reduce(leaf, bytes).value)
      }
    return Outcome(truth, until: until(leaf))
  }

  /// The number that a numeric reducer comes to; nil for none.
  mutating func number(_ leaf: Int, _ bytes: Span<UInt8>) -> Double? {
    let place = places[leaves[leaf].stream]
    switch leaves[leaf].reducer {
    case .count: return Double(place.kept)
    case .sum: return hundredths(place, bytes)?.sum ?? total(place, bytes).sum
    case .average: return hundredths(place, bytes)?.average ?? total(place, bytes).average
    case .extreme(_, let isMaximum, _): return extreme(place, isMaximum, bytes)
    case .uniqueCount: return Double(distinctCount(place, bytes))
    case .first, .last, .mode, .unique: return nil
    }
  }

  private mutating func value(_ leaf: Int, _ bytes: Span<UInt8>) -> Value {
    let place = places[leaves[leaf].stream]
    switch leaves[leaf].reducer {
    case .first: return matcher.value(edge(place, bytes, isLast: false), bytes)
    case .last: return matcher.value(edge(place, bytes, isLast: true), bytes)
    case .extreme(_, let isMaximum, _):
      return Reduction.extremeText(values(place, bytes), isMaximum)
    case .mode(_, let least): return Reduction.mostFrequent(values(place, bytes), least)
    case .unique: return Reduction.distinct(values(place, bytes))
    case .count, .sum, .average, .uniqueCount: return .absent
    }
  }

  /// The number at a place, or in the text there.
  @inline(__always)
  mutating func numeric(_ cell: Int, _ bytes: Span<UInt8>) -> Double? {
    guard cell >= 0 else { return nil }
    var reader = ScanReader(at: cell)
    if let number = reader.number(bytes) { return number.isFinite ? number : nil }
    return matcher.value(cell, bytes).numeric
  }

  /// A sum in hundredths, so small that it and what it is divided by are exact as doubles.
  struct Hundredths {
    let total: Int64
    let count: Int

    var sum: Double { Double(total) / 100 }
    var average: Double { Double(total) / Double(100 * count) }
  }

  /// The sum of numbers that are all kept in whole hundredths, as money is; nil for none, and where only
  /// `ExactSum` can tell.
  @inline(__always)
  mutating func hundredths(_ place: Place, _ bytes: Span<UInt8>) -> Hundredths? {
    var total: Int64 = 0
    for index in place.start..<(place.start + place.kept) {
      guard hits[index].cell >= 0 else { return nil }
      var reader = ScanReader(at: Int(hits[index].cell))
      guard let number = reader.hundredths(bytes) else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(number)
      if overflow { return nil }
      total = sum
    }
    guard place.kept > 0, place.kept < 1 << 40, total.magnitude < 1 << 53 else { return nil }
    return Hundredths(total: total, count: place.kept)
  }

  mutating func total(_ place: Place, _ bytes: Span<UInt8>) -> ExactSum {
    var sum = ExactSum()
    for index in place.start..<(place.start + place.kept) {
      if let number = numeric(Int(hits[index].cell), bytes) { sum.add(number) }
    }
    return sum
  }

  mutating func extreme(_ place: Place, _ isMaximum: Bool, _ bytes: Span<UInt8>) -> Double? {
    var found: Double?
    for index in place.start..<(place.start + place.kept) {
      guard let number = numeric(Int(hits[index].cell), bytes) else { continue }
      if let known = found, isMaximum ? known >= number : known <= number { continue }
      found = number
    }
    return found
  }

  /// Where the first or the last present value stands; -1 for none.
  private mutating func edge(_ place: Place, _ bytes: Span<UInt8>, isLast: Bool) -> Int {
    for offset in 0..<place.kept {
      let index = isLast ? place.start + place.kept - 1 - offset : place.start + offset
      let cell = Int(hits[index].cell)
      if cell >= 0, bytes[cell] != PackedTag.null.rawValue { return cell }
    }
    return -1
  }

  /// The present values of the kept events, in order.
  private mutating func values(_ place: Place, _ bytes: Span<UInt8>) -> [Value] {
    var values: [Value] = []
    for index in place.start..<(place.start + place.kept) {
      let value = matcher.value(Int(hits[index].cell), bytes)
      if value.isPresent { values.append(value) }
    }
    return values
  }

  // MARK: Few texts

  /// So many values are compared with one another; more are put into a dictionary.
  static var few: Int { 16 }

  /// The text at a place; nil for a value of another type.
  @inline(__always)
  private mutating func text(_ cell: Int, _ bytes: Span<UInt8>) -> Range<Int>? {
    var reader = ScanReader(at: cell)
    return reader.text(bytes)
  }

  /// Where one of the most frequent texts stands, -1 for none; nil when there are many values, or
  /// others than texts.
  private mutating func mostFrequentText(_ place: Place, _ least: Int, _ bytes: Span<UInt8>) -> Int?
  {
    guard place.kept <= Self.few else { return nil }
    let end = place.start + place.kept
    var best = (cell: -1, count: 0)
    for index in place.start..<end {
      let cell = Int(hits[index].cell)
      if cell < 0 || bytes[cell] == PackedTag.null.rawValue { continue }
      guard let own = text(cell, bytes) else { return nil }
      var count = 1
      for later in (index + 1)..<max(end, index + 1) {
        let cell = Int(hits[later].cell)
        if cell >= 0, let text = text(cell, bytes), isSame(own, text, bytes) { count += 1 }
      }
      if count > best.count || (count == best.count && precedes(cell, best.cell, bytes)) {
        best = (cell, count)
      }
    }
    return best.count >= least ? best.cell : -1
  }

  private mutating func distinctCount(_ place: Place, _ bytes: Span<UInt8>) -> Int {
    guard place.kept <= Self.few else { return distinctCountOfMany(place, bytes) }
    var count = 0
    for index in place.start..<(place.start + place.kept) {
      let cell = Int(hits[index].cell)
      if cell < 0 || bytes[cell] == PackedTag.null.rawValue { continue }
      guard let own = text(cell, bytes) else { return distinctCountOfMany(place, bytes) }
      var isNew = true
      for earlier in place.start..<index {
        let cell = Int(hits[earlier].cell)
        if cell >= 0, let text = text(cell, bytes), isSame(own, text, bytes) {
          isNew = false
          break
        }
      }
      if isNew { count += 1 }
    }
    return count
  }

  private mutating func distinctCountOfMany(_ place: Place, _ bytes: Span<UInt8>) -> Int {
    Set(Reduction.texts(values(place, bytes))).count
  }

  @inline(__always)
  private mutating func isSame(_ a: Range<Int>, _ b: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    for offset in 0..<a.count where bytes[a.lowerBound + offset] != bytes[b.lowerBound + offset] {
      return false
    }
    return true
  }

  /// Whether the text at a place comes before another one, by Unicode scalars.
  mutating func precedes(_ cell: Int, _ other: Int, _ bytes: Span<UInt8>) -> Bool {
    guard let a = text(cell, bytes), let b = text(other, bytes) else { return false }
    for (left, right) in zip(a, b) where bytes[left] != bytes[right] {
      return bytes[left] < bytes[right]
    }
    return a.count < b.count
  }
}
