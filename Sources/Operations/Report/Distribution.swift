import Values

/// How the values of a trait are spread: numbers in steps, texts by how often they come.
///
/// It takes bounded memory, whatever the values: numbers are kept to three significant digits, rounded
/// down, and of texts the first `textLimit` different ones are counted.
public struct Distribution: Sendable {
  /// How many different texts are counted.
  public static let textLimit = 2000

  public private(set) var numbers = NumberCounts()
  public private(set) var booleans = (yes: 0, no: 0)
  /// Arrays and objects.
  public private(set) var structured = 0
  /// How many values are text.
  public private(set) var textCount = 0
  private var texts: [ExactString: Int] = [:]
  /// Texts that came when as many different ones as are counted had come.
  private var uncounted = 0

  public var count: Int { numbers.count + booleans.yes + booleans.no + structured + textCount }

  /// How many different texts there are; nil when that was not counted to the end.
  public var distinctTexts: Int? { uncounted == 0 ? texts.count : nil }

  mutating func add(_ value: Value) {
    switch value {
    case .absent: break
    case .boolean(true): booleans.yes += 1
    case .boolean(false): booleans.no += 1
    case .number(let number): numbers.add(number)
    case .string(let text): add(ExactString(text), 1)
    case .array, .object: structured += 1
    }
  }

  private mutating func add(_ text: ExactString, _ count: Int) {
    textCount += count
    if texts[text] == nil, texts.count == Self.textLimit {
      uncounted += count
    } else {
      texts[text, default: 0] += count
    }
  }

  mutating func add(_ other: Distribution) {
    numbers.add(other.numbers)
    booleans.yes += other.booleans.yes
    booleans.no += other.booleans.no
    structured += other.structured
    for (text, count) in other.texts.sorted(by: { Self.precedes($0, $1) }) { add(text, count) }
    textCount += other.uncounted
    uncounted += other.uncounted
  }

  /// The most frequent texts: by count, then by text.
  public func topTexts(_ limit: Int) -> [(text: String, count: Int)] {
    texts.sorted(by: Self.precedes).prefix(limit).map { ($0.key.text, $0.value) }
  }

  private static func precedes(
    _ a: (key: ExactString, value: Int), _ b: (key: ExactString, value: Int)
  ) -> Bool {
    a.value != b.value ? a.value > b.value : a.key.text < b.key.text
  }
}
