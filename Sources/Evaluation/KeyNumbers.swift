import Values

/// The numbers of the keys that were met, found by their bytes.
///
/// A hash table: a key is sought from the place of its hash onwards. Eight bytes of its beginning and
/// eight of its end are held in the table, which is all of most keys; what is longer lies in `bytes`.
struct KeyNumbers {
  private struct Slot {
    let first: UInt64
    let last: UInt64
    let count: Int
    /// Where a key of more than sixteen bytes stands.
    let start: Int
    /// -1 in a free slot.
    let number: Int32

    static let free = Slot(first: 0, last: 0, count: 0, start: 0, number: -1)
  }

  /// Keys may be ids: no more are remembered than people think of.
  private static let limit = 10_000
  /// Another one in each process, so that nobody can choose keys that fall together.
  private static let factors = (
    UInt64.random(in: 0 ... .max) | 1, UInt64.random(in: 0 ... .max) | 1
  )

  private let names: NameTable
  private let factors = Self.factors
  private var slots = [Slot](repeating: .free, count: 256)
  private var count = 0
  private var bytes: [UInt8] = []

  init(_ names: NameTable) { self.names = names }

  /// The number of a key as it stands in a text.
  mutating func number(of text: JSONScanner.Text, _ line: Span<UInt8>) -> Int32 {
    guard !text.hasEscapes else { return names.number(of: JSONScanner.decode(text, line)) }
    let length = text.range.count
    let start = text.range.lowerBound
    let first = line.word(at: start, length: min(length, 8))
    let last = length > 8 ? line.word(at: text.range.upperBound - 8, length: 8) : 0
    var place = place(first, last, length)
    while slots[place].number >= 0 {
      let slot = slots[place]
      if slot.first == first, slot.last == last, slot.count == length,
        length <= 16 || isSame(slot.start, text.range, line)
      {
        return slot.number
      }
      place = (place + 1) & (slots.count - 1)
    }
    let number = names.number(of: JSONScanner.decode(text, line))
    guard count < Self.limit else { return number }
    slots[place] = Slot(
      first: first, last: last, count: length, start: bytes.count, number: number)
    if length > 16 {
      line.extracting(text.range).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }
    count += 1
    if count * 2 > slots.count { grow() }
    return number
  }

  /// Where a key is sought first.
  private func place(_ first: UInt64, _ last: UInt64, _ length: Int) -> Int {
    let hash = (first ^ UInt64(length)) &* factors.0 ^ last &* factors.1
    return Int(truncatingIfNeeded: hash >> 32) & (slots.count - 1)
  }

  private func isSame(_ start: Int, _ range: Range<Int>, _ line: Span<UInt8>) -> Bool {
    for offset in 0..<range.count where bytes[start + offset] != line[range.lowerBound + offset] {
      return false
    }
    return true
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: .free, count: old.count * 2)
    for slot in old where slot.number >= 0 {
      var place = place(slot.first, slot.last, slot.count)
      while slots[place].number >= 0 { place = (place + 1) & (slots.count - 1) }
      slots[place] = slot
    }
  }
}

extension Span<UInt8> {
  /// Up to eight bytes as one word, the first of them lowest, zeros behind them.
  @inline(__always)
  fileprivate func word(at start: Int, length: Int) -> UInt64 {
    if start + 8 <= count {
      let word = UInt64(
        littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
      return length == 8 ? word : word & (1 << UInt64(8 * length) - 1)
    }
    var word: UInt64 = 0
    for offset in 0..<length { word |= UInt64(self[start + offset]) << UInt64(8 * offset) }
    return word
  }
}

/// The numbers of an object's keys so far, to find one that stands twice.
///
/// Small objects compare their few keys; past sixteen a set takes over.
struct SeenKeys {
  private var few = InlineArray<16, Int32>(repeating: 0)
  private var count = 0
  private var many: Set<Int32> = []

  /// False when the key was there before.
  mutating func add(_ number: Int32) -> Bool {
    guard count < 16 else { return isNew(number) }
    for index in 0..<count where few[index] == number { return false }
    few[count] = number
    count += 1
    return true
  }

  private mutating func isNew(_ number: Int32) -> Bool {
    if many.isEmpty { for index in 0..<count { many.insert(few[index]) } }
    return many.insert(number).inserted
  }
}
