/// Distinct texts, numbered 0, 1, 2 … in the order of their first appearance.
///
/// It is a hash table over bytes: to find a text that is there already makes no string. The texts
/// lie one after the other in `bytes`, and `ends` says where each ends; `slots` has a power of two
/// of places, and a text is sought from the place of its hash onwards. A slot holds a text's number
/// or -1, and half of its hash (left out here), which spares a look at most other texts:
///
///     bytes  user-1user-2        ends  [6, 12]        slots  [-1, 1, -1, -1, 0, -1, -1, -1]
struct ByteInterner: Sendable {
  private(set) var bytes: [UInt8] = []
  private var ends: [Int] = []
  private(set) var hashes: [Int] = []
  private var slots = [Slot](repeating: .free, count: 64)

  private struct Slot {
    let number: Int32
    let hash: Int32

    static let free = Slot(number: -1, hash: 0)

    init(number: Int, hash: Int) {
      self.init(number: Int32(number), hash: Int32(truncatingIfNeeded: hash >> 32))
    }

    private init(number: Int32, hash: Int32) {
      self.number = number
      self.hash = hash
    }
  }

  var count: Int { ends.count }

  /// The number of this text, which it has from now on.
  mutating func intern(_ text: Span<UInt8>) -> Int { intern(text, hash: Self.hash(text)) }

  /// The same with a hash that is known, that of another interner of this process.
  mutating func intern(_ text: Span<UInt8>, hash: Int) -> Int {
    let slot = slot(of: text, hash: hash)
    if slots[slot].number >= 0 { return Int(slots[slot].number) }
    slots[slot] = Slot(number: count, hash: hash)
    text.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    ends.append(bytes.count)
    hashes.append(hash)
    if count * 2 > slots.count { grow() }
    return count - 1
  }

  /// The number of this text; nil when it has none.
  func number(of text: Span<UInt8>, hash: Int) -> Int? {
    let number = slots[slot(of: text, hash: hash)].number
    return number < 0 ? nil : Int(number)
  }

  /// The slot that holds this text, or the free one where it belongs.
  private func slot(of text: Span<UInt8>, hash: Int) -> Int {
    var slot = hash & (slots.count - 1)
    let upper = Int32(truncatingIfNeeded: hash >> 32)
    while slots[slot].number >= 0 {
      let number = Int(slots[slot].number)
      if slots[slot].hash == upper, bytes.span.extracting(range(number)).hasSameBytes(as: text) {
        return slot
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private static func hash(_ text: Span<UInt8>) -> Int {
    var hasher = Hasher()
    text.withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize()
  }

  /// The place of this number's text in `bytes`.
  func range(_ number: Int) -> Range<Int> {
    (number == 0 ? 0 : ends[number - 1])..<ends[number]
  }

  /// Forgets the texts, and keeps the memory for others.
  mutating func removeAll() {
    guard count > 0 else { return }
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    hashes.removeAll(keepingCapacity: true)
    for slot in slots.indices { slots[slot] = .free }
  }

  private mutating func grow() {
    slots = [Slot](repeating: .free, count: slots.count * 2)
    for number in hashes.indices {
      var slot = hashes[number] & (slots.count - 1)
      while slots[slot].number >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Slot(number: number, hash: hashes[number])
    }
  }
}

extension ByteInterner {
  /// The numbers in the order of their texts' bytes, which is that of an index of the store.
  ///
  /// Ids mostly begin alike. Eight bytes behind what all texts have in common decide nearly always.
  func sortedNumbers() -> [Int] {
    let common = commonLength()
    var keys = (0..<count).map { (head: head($0, from: common), number: $0) }
    keys.sort { a, b in
      a.head < b.head || a.head == b.head && precedes(a.number, b.number)
    }
    return keys.map(\.number)
  }

  private func commonLength() -> Int {
    guard count > 0 else { return 0 }
    var common = range(0).count
    for number in 1..<max(count, 1) {
      let start = range(number).lowerBound
      common = min(common, range(number).count)
      var length = 0
      while length < common, bytes[length] == bytes[start + length] { length += 1 }
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
