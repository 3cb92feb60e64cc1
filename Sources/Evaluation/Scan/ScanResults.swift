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
  /// Those in bits, by rank.
  private let booleanWords: FixedTable<UInt64>
  /// The values of the others.
  private var other: [Value]
  private var otherByDefault: [Value] = []
  /// The definitions of the pass that are no audiences, and the number of each among them.
  private let valuePlaces: [Int]
  private let valueNumber: [Int]
  /// Which of those may be another thing than by default.
  private var changed: [Int] = []
  /// Whether all values are in `other`, booleans too.
  private var isGeneral = false

  /// - Parameters:
  ///   - allRanks: those of the definitions; what lies behind them is left out.
  ///   - booleans: the places of the audiences that the pass decides.
  ///   - values: those of the other definitions that it decides.
  init(_ count: Int, _ allRanks: [Int], booleans: [Int], values: [Int]) {
    valuePlaces = values
    var numbers = [Int](repeating: 0, count: count)
    for (number, place) in values.enumerated() { numbers[place] = number }
    valueNumber = numbers
    let ranks = Array(allRanks.prefix(count))
    let words = [UInt64](repeating: 0, count: (count + 63) / 64)
    present = FixedTable(words)
    presentByDefault = FixedTable(words)
    rankOf = FixedTable(ranks)
    var places = [Int](repeating: 0, count: count)
    for (place, rank) in ranks.enumerated() { places[rank] = place }
    placeOf = FixedTable(places)
    var isBoolean = [Bool](repeating: false, count: count)
    var booleanWords = words
    for place in booleans {
      isBoolean[place] = true
      booleanWords[ranks[place] >> 6] |= 1 << UInt64(ranks[place] & 63)
    }
    self.booleanWords = FixedTable(booleanWords)
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

  // MARK: Results of several profiles

  /// Fills the values of so many profiles with what holds for everybody whose events decide nothing.
  mutating func fill(_ values: inout [Value], profiles: Int) {
    guard !valuePlaces.isEmpty else { return }
    values.removeAll(keepingCapacity: true)
    for _ in 0..<profiles {
      for place in valuePlaces { values.append(otherByDefault[place]) }
    }
  }

  /// The bits of a word for everybody whose events decide nothing.
  func wordByDefault(_ word: Int) -> UInt64 { presentByDefault[word] }

  func rank(of place: Int) -> Int { rankOf[place] }

  mutating func put(
    _ value: Value, of place: Int, _ verdicts: inout Verdicts, _ values: inout [Value],
    at profile: Int
  ) {
    verdicts.set(rankOf[place], value.isPresent && value != .boolean(false), at: profile)
    values[profile * valuePlaces.count + valueNumber[place]] = value
  }

  /// Takes over what the verdicts and values of several profiles say of one.
  @inline(__always)
  mutating func load(_ verdicts: borrowing Verdicts, _ values: [Value], at profile: Int) {
    setToDefaults()
    for word in 0..<present.count { present[word] = verdicts.word(word, at: profile) }
    for (number, place) in valuePlaces.enumerated() {
      other[place] = values[profile * valuePlaces.count + number]
      changed.append(place)
    }
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
  mutating func isTruth(_ place: Int) -> Bool { isBoolean[place] }

  mutating func value(_ place: Int) -> Value {
    guard isBoolean[place], !isGeneral else { return other[place] }
    let rank = rankOf[place]
    return .boolean(present[rank >> 6] & (1 << UInt64(rank & 63)) != 0)
  }

  var values: [Value] {
    mutating get {
      var values: [Value] = []
      for place in 0..<rankOf.count { values.append(value(place)) }
      return values
    }
  }

  /// The bits of the definitions that are there and not `false`, by rank, 64 at a time.
  var wordCount: Int {
    @inline(__always) mutating get { present.count }
  }

  @inline(__always)
  mutating func word(_ index: Int) -> UInt64 { present[index] }

  @inline(__always)
  mutating func truths(_ index: Int) -> UInt64 { booleanWords[index] }

  @inline(__always)
  mutating func place(ofRank rank: Int) -> Int { placeOf[rank] }
}
