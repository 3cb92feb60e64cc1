import Values

/// What the definitions come to for one profile: a bit for each that is there and not `false`, by rank,
/// and the values of those that are more than a truth.
struct ScanResults: ~Copyable {
  private var present: FixedTable<UInt64>
  private var presentByDefault: FixedTable<UInt64>
  private let rankOf: FixedTable<Int>
  private let placeOf: FixedTable<Int>
  /// Whether each definition is an audience that the pass decides.
  private let isBoolean: FixedTable<Bool>
  /// The values of the others.
  private var other: [Value]
  private var otherByDefault: [Value] = []
  /// Which of those may be another thing than by default.
  private var changed: [Int] = []
  /// Whether all values are in `other`, booleans too.
  private var isGeneral = false

  /// - Parameter allRanks: those of the definitions; what lies behind them is left out.
  init(_ count: Int, _ allRanks: [Int], booleans: [Int]) {
    let ranks = Array(allRanks.prefix(count))
    let words = [UInt64](repeating: 0, count: (count + 63) / 64)
    present = FixedTable(words)
    presentByDefault = FixedTable(words)
    rankOf = FixedTable(ranks)
    var places = [Int](repeating: 0, count: count)
    for (place, rank) in ranks.enumerated() { places[rank] = place }
    placeOf = FixedTable(places)
    var isBoolean = [Bool](repeating: false, count: count)
    for place in booleans { isBoolean[place] = true }
    self.isBoolean = FixedTable(isBoolean)
    other = [Value](repeating: .absent, count: count)
  }

  @inline(__always)
  mutating func set(_ truth: Bool, at place: Int) {
    let rank = rankOf[place]
    let bit: UInt64 = 1 << UInt64(rank & 63)
    if truth { present[rank >> 6] |= bit } else { present[rank >> 6] &= ~bit }
  }

  mutating func set(_ value: Value, at place: Int) {
    changed.append(place)
    set(value.isPresent && value != .boolean(false), at: place)
    other[place] = value
  }

  /// Takes what is set now for everybody whose events decide nothing.
  mutating func keepAsDefaults() {
    for word in 0..<present.count { presentByDefault[word] = present[word] }
    otherByDefault = other
    changed = []
  }

  @inline(__always)
  mutating func setToDefaults() {
    for word in 0..<present.count { present[word] = presentByDefault[word] }
    if changed.isEmpty, !isGeneral { return }
    if isGeneral {
      other = otherByDefault
      isGeneral = false
    } else {
      for place in changed { other[place] = otherByDefault[place] }
    }
    changed.removeAll(keepingCapacity: true)
  }

  /// Takes all values as they are.
  mutating func set(all values: [Value]) {
    for (place, value) in values.enumerated() {
      set(value.isPresent && value != .boolean(false), at: place)
    }
    other = values
    isGeneral = true
  }

  @inline(__always)
  func isTruth(_ place: Int) -> Bool { isBoolean[place] }

  func value(_ place: Int) -> Value {
    guard isBoolean[place], !isGeneral else { return other[place] }
    let rank = rankOf[place]
    return .boolean(present[rank >> 6] & (1 << UInt64(rank & 63)) != 0)
  }

  var values: [Value] { (0..<rankOf.count).map { value($0) } }

  @inline(__always)
  func forEachPresent(_ body: (Int) -> Void) {
    for word in 0..<present.count {
      var rest = present[word]
      while rest != 0 {
        body(placeOf[word << 6 + rest.trailingZeroBitCount])
        rest &= rest - 1
      }
    }
  }
}
