/// Distinct texts, numbered 0, 1, 2 … in the order of their first appearance.
///
/// It is a hash table over bytes: to find a text that is there already makes no string. `slots` has a
/// power of two of places, and a text is sought from the place of its hash onwards. A slot holds a
/// text's number or -1, and half of its hash (left out here), which spares a look at most other texts:
///
///     texts  user-1, user-2        slots  [-1, 1, -1, -1, 0, -1, -1, -1]
struct ByteInterner: Sendable {
  private(set) var texts = ByteTexts()
  private var hashes: [Int] = []
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

  /// The number of this text, which it has from now on.
  mutating func intern(_ text: Span<UInt8>) -> Int {
    let hash = Self.hash(text)
    let slot = slot(of: text, hash: hash)
    if slots[slot].number >= 0 { return Int(slots[slot].number) }
    slots[slot] = Slot(number: texts.count, hash: hash)
    texts.append(text)
    hashes.append(hash)
    if texts.count * 2 > slots.count { grow() }
    return texts.count - 1
  }

  /// The slot that holds this text, or the free one where it belongs.
  private func slot(of text: Span<UInt8>, hash: Int) -> Int {
    var slot = hash & (slots.count - 1)
    let upper = Int32(truncatingIfNeeded: hash >> 32)
    while slots[slot].number >= 0 {
      if slots[slot].hash == upper {
        let place = texts.range(Int(slots[slot].number))
        if texts.bytes.span.extracting(place).hasSameBytes(as: text) { return slot }
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

  /// Forgets the texts, and keeps the memory for others.
  mutating func removeAll() {
    guard texts.count > 0 else { return }
    texts.removeAll()
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
