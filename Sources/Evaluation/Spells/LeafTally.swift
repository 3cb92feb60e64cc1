import Definitions
import Values

/// What a leaf comes to while events enter and leave.
///
/// Sums are exact, so what left leaves nothing behind. The least, the first and the most frequent of those
/// that are there stand at the top of a heap, in which what has gone stays until it comes to the top.
struct LeafTally {
  private enum Kind {
    case count, sum, average
    case extremeNumber(isMaximum: Bool)
    case extremeText(isMaximum: Bool)
    case first, last
    case mode(atLeast: Int)
    case unique, uniqueCount
  }

  private var kind = Kind.count
  private var count = 0
  private var sum = ExactSum()
  /// The number of each hit; NaN for none.
  private var numbers: [Double] = []
  /// The texts that there are, in their order, and which one each hit has; -1 for none.
  private var texts: [ExactString] = []
  private var textOf: [Int] = []
  /// How many of those that are there have each text, and how many texts that are.
  private var countOfText: [Int] = []
  private var distinct = 0
  private var isThere: [Bool] = []
  private var heap = TallyHeap()

  // MARK: Beginning

  /// Begins with nobody there.
  ///
  /// - Parameters:
  ///   - first: the first hit of the stream.
  ///   - size: how many hits may enter.
  mutating func begin(
    _ reducer: Program.ReducerNode, _ first: Int, _ size: Int, _ scan: inout ScanEvaluator,
    _ bytes: Span<UInt8>
  ) {
    count = 0
    heap.removeAll()
    switch reducer {
    case .count: kind = .count
    case .sum:
      kind = .sum
      readNumbers(first, size, &scan, bytes)
    case .average:
      kind = .average
      readNumbers(first, size, &scan, bytes)
    case .extreme(_, let isMaximum, let asText):
      kind = asText ? .extremeText(isMaximum: isMaximum) : .extremeNumber(isMaximum: isMaximum)
      if asText {
        readTexts(first, size, &scan, bytes)
      } else {
        readNumbers(first, size, &scan, bytes)
      }
    case .first, .last:
      kind = if case .first = reducer { .first } else { .last }
      textOf.removeAll(keepingCapacity: true)
      for hit in 0..<size {
        let cell = Int(scan.hits[first + hit].cell)
        textOf.append(cell >= 0 && bytes[cell] != PackedTag.null.rawValue ? 0 : -1)
      }
    case .mode(_, let least):
      kind = .mode(atLeast: least)
      readTexts(first, size, &scan, bytes)
    case .unique:
      kind = .unique
      readTexts(first, size, &scan, bytes)
    case .uniqueCount:
      kind = .uniqueCount
      readTexts(first, size, &scan, bytes)
    }
    isThere.removeAll(keepingCapacity: true)
    if case .count = kind { return }
    for _ in 0..<size { isThere.append(false) }
  }

  private mutating func readNumbers(
    _ first: Int, _ size: Int, _ scan: inout ScanEvaluator, _ bytes: Span<UInt8>
  ) {
    sum = ExactSum()
    numbers.removeAll(keepingCapacity: true)
    for hit in 0..<size {
      numbers.append(scan.numeric(Int(scan.hits[first + hit].cell), bytes) ?? .nan)
    }
  }

  private mutating func readTexts(
    _ first: Int, _ size: Int, _ scan: inout ScanEvaluator, _ bytes: Span<UInt8>
  ) {
    distinct = 0
    textOf.removeAll(keepingCapacity: true)
    texts.removeAll(keepingCapacity: true)
    countOfText.removeAll(keepingCapacity: true)
    let own = (0..<size).map { hit in
      scan.matcher.value(Int(scan.hits[first + hit].cell), bytes).textForm.map { ExactString($0) }
    }
    texts = Set(own.compactMap { $0 }).sorted()
    let places = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1, $0) })
    for text in own { textOf.append(text.flatMap { places[$0] } ?? -1) }
    countOfText = [Int](repeating: 0, count: texts.count)
  }

  // MARK: Coming and going

  mutating func enter(_ hit: Int) {
    count += 1
    switch kind {
    case .count: break
    case .sum, .average: if !numbers[hit].isNaN { sum.add(numbers[hit]) }
    case .extremeNumber(let isMaximum):
      guard !numbers[hit].isNaN else { return }
      isThere[hit] = true
      heap.push(isMaximum ? -numbers[hit] : numbers[hit], hit)
    case .extremeText(let isMaximum):
      guard textOf[hit] >= 0 else { return }
      isThere[hit] = true
      heap.push(Double(isMaximum ? -textOf[hit] : textOf[hit]), hit)
    case .first, .last:
      guard textOf[hit] >= 0 else { return }
      isThere[hit] = true
      if case .first = kind { heap.push(Double(hit), hit) } else { heap.push(-Double(hit), hit) }
    case .mode, .unique, .uniqueCount: add(1, of: textOf[hit])
    }
  }

  mutating func leave(_ hit: Int) {
    count -= 1
    switch kind {
    case .count: break
    case .sum, .average: if !numbers[hit].isNaN { sum.remove(numbers[hit]) }
    case .extremeNumber, .extremeText, .first, .last: isThere[hit] = false
    case .mode, .unique, .uniqueCount: add(-1, of: textOf[hit])
    }
  }

  private mutating func add(_ one: Int, of text: Int) {
    guard text >= 0 else { return }
    let before = countOfText[text]
    countOfText[text] += one
    if before == 0 { distinct += 1 } else if before + one == 0 { distinct -= 1 }
    if case .mode = kind, countOfText[text] > 0 { heap.push(-Double(countOfText[text]), text) }
  }

  // MARK: What it comes to

  /// The number of a numeric reducer; nil for none.
  var number: Double? {
    mutating get {
      switch kind {
      case .count: Double(count)
      case .sum: sum.sum
      case .average: sum.average
      case .extremeNumber: topThere.map { numbers[$0] }
      case .uniqueCount: Double(distinct)
      case .extremeText, .first, .last, .mode, .unique: nil
      }
    }
  }

  /// Whether the number stands in a relation to another one; false for none.
  mutating func stands(_ relation: Relation, to other: Double) -> Bool {
    number.map { relation.holds($0, other) } ?? false
  }

  /// The hit whose value the first or the last is; nil for other reducers, and when there is none.
  var edge: Int? {
    mutating get {
      switch kind {
      case .first, .last: topThere
      default: nil
      }
    }
  }

  /// What it comes to, but for the first and the last.
  var value: Value {
    mutating get {
      switch kind {
      case .count, .sum, .average, .extremeNumber, .uniqueCount:
        return number.map(Value.number) ?? .absent
      case .extremeText: return topThere.map { .string(texts[textOf[$0]].text) } ?? .absent
      case .first, .last: return .absent
      case .mode(let least):
        while let (key, text) = heap.top, -key != Double(countOfText[text]) { heap.pop() }
        guard let (key, text) = heap.top, -key >= Double(least) else { return .absent }
        return .string(texts[text].text)
      case .unique:
        guard distinct > 0 else { return .absent }
        return .array(
          countOfText.indices.filter { countOfText[$0] > 0 }.map { .string(texts[$0].text) })
      }
    }
  }

  private var topThere: Int? {
    mutating get {
      while let (_, hit) = heap.top, !isThere[hit] { heap.pop() }
      return heap.top?.number
    }
  }
}

/// A binary heap: the least key first, and of equal keys the least number.
struct TallyHeap {
  private var entries: [(key: Double, number: Int)] = []

  var top: (key: Double, number: Int)? { entries.first }

  mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  mutating func push(_ key: Double, _ number: Int) {
    entries.append((key, number))
    var place = entries.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      guard entries[place] < entries[parent] else { return }
      entries.swapAt(place, parent)
      place = parent
    }
  }

  mutating func pop() {
    entries.swapAt(0, entries.count - 1)
    entries.removeLast()
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
        if entries[child] < entries[least] { least = child }
      }
      if least == place { return }
      entries.swapAt(place, least)
      place = least
    }
  }
}
