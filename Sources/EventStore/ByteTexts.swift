/// Texts one after the other, numbered 0, 1, 2 …; `ends` says where each ends:
///
///     bytes  user-1user-2        ends  [6, 12]
struct ByteTexts: Sendable {
  private(set) var bytes: [UInt8] = []
  private var ends: [Int] = []

  var count: Int { ends.count }

  /// The place of this number's text in `bytes`.
  func range(_ number: Int) -> Range<Int> {
    (number == 0 ? 0 : ends[number - 1])..<ends[number]
  }

  mutating func append(_ text: Span<UInt8>) {
    text.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    ends.append(bytes.count)
  }

  /// Adds the texts from `first` on of others, in their order.
  mutating func append(_ others: ByteTexts, from first: Int) {
    guard first < others.count else { return }
    let start = others.range(first).lowerBound
    let offset = bytes.count - start
    bytes.append(contentsOf: others.bytes[start...])
    for end in others.ends[first...] { ends.append(end + offset) }
  }

  /// Forgets the texts, and keeps the memory for others.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }
}

extension ByteTexts {
  /// These numbers in the order of their texts' bytes, which is that of an index of the store.
  ///
  /// Ids mostly begin alike. Eight bytes behind what all texts have in common decide nearly always.
  func sorted(_ numbers: [Int]) -> [Int] {
    let common = commonLength(numbers)
    var keys = numbers.map { (head: head($0, from: common), number: $0) }
    keys.sort { a, b in
      a.head < b.head || a.head == b.head && precedes(a.number, b.number)
    }
    return keys.map(\.number)
  }

  private func commonLength(_ numbers: [Int]) -> Int {
    guard let first = numbers.first.map(range) else { return 0 }
    var common = first.count
    for number in numbers.dropFirst() {
      let text = range(number)
      common = min(common, text.count)
      var length = 0
      while length < common, bytes[first.lowerBound + length] == bytes[text.lowerBound + length] {
        length += 1
      }
      common = length
    }
    return common
  }

  private func head(_ number: Int, from offset: Int) -> UInt64 {
    let rest = bytes[range(number)].dropFirst(offset).prefix(8)
    return rest.reduce(0) { $0 << 8 | UInt64($1) } << UInt64(8 * (8 - rest.count))
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    bytes[range(a)].lexicographicallyPrecedes(bytes[range(b)])
  }
}
