import Values

/// The different ones among some packed values, where these are few.
struct DigestDictionary: ~Copyable {
  /// So many different ones are kept apart.
  private static let limit = 256
  private static let buckets = 1024

  /// Which of the different values each is.
  private(set) var codes = ScratchList<Int32>()
  /// Where the different ones stand.
  private var distinct: [Range<Int>] = []
  /// By hash, one more than the number of a value; 0 for none.
  private var numbers = FixedTable([Int32](repeating: 0, count: buckets))

  var count: Int { distinct.count }

  /// Where a value stands.
  func value(_ number: Int) -> Range<Int> { distinct[number] }

  /// Numbers the different ones among some values, which stand in ranges of `bytes`. False when nearly each is
  /// another one: it is not worth it then.
  mutating func take(_ ranges: [Range<Int>], _ bytes: borrowing PackedWriter) -> Bool {
    codes.removeAll()
    distinct.removeAll(keepingCapacity: true)
    for bucket in 0..<Self.buckets { numbers[bucket] = 0 }
    let most = min(Self.limit, ranges.count / 2 + 1)
    return bytes.withSpan { bytes in
      for range in ranges {
        guard let code = code(range, bytes, most) else { return false }
        codes.append(code)
      }
      return true
    }
  }

  private mutating func code(_ range: Range<Int>, _ bytes: Span<UInt8>, _ most: Int) -> Int32? {
    var hash: UInt32 = 0x811c_9dc5
    for index in range { hash = (hash ^ UInt32(bytes[index])) &* 0x0100_0193 }
    var bucket = Int(hash ^ hash >> 15) & (Self.buckets - 1)
    while numbers[bucket] != 0 {
      let code = numbers[bucket] - 1
      let known = bytes.extracting(distinct[Int(code)])
      if known.hasSameBytes(as: bytes.extracting(range)) { return code }
      bucket = (bucket + 1) & (Self.buckets - 1)
    }
    guard distinct.count < most else { return nil }
    distinct.append(range)
    numbers[bucket] = Int32(distinct.count)
    return numbers[bucket] - 1
  }
}
