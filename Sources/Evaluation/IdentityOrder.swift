/// The order of calls by their identities, and by their places where these are equal.
///
/// A radix sort: the calls are dealt out by eleven bits of the identity after the other, from the lowest
/// on, in their order so far. Identities of a part lie close together, so that two rounds mostly do.
struct IdentityOrder: Sendable {
  struct Key: BitwiseCopyable {
    let identity: Int64
    /// Which call it is, counted from 0.
    let place: Int
  }

  private static let bits: UInt64 = 11

  private var keys: [Key]

  init(_ identities: some Collection<Int64>) {
    keys = []
    keys.reserveCapacity(identities.count)
    for (place, identity) in identities.enumerated() {
      keys.append(Key(identity: identity, place: place))
    }
    guard let first = identities.min(), let last = identities.max() else { return }
    let span = UInt64(bitPattern: last &- first)
    var other = keys
    var shift: UInt64 = 0
    while shift < 64, span >> shift > 0 {
      Self.deal(keys, into: &other, from: first, shift)
      swap(&keys, &other)
      shift += Self.bits
    }
  }

  private static func deal(
    _ keys: [Key], into other: inout [Key], from first: Int64, _ shift: UInt64
  ) {
    func digit(_ key: Key) -> Int {
      Int(UInt64(bitPattern: key.identity &- first) >> shift & (1 << bits - 1))
    }
    var starts = [Int](repeating: 0, count: 1 << bits + 1)
    for key in keys { starts[digit(key) + 1] += 1 }
    for value in 1..<starts.count { starts[value] += starts[value - 1] }
    for key in keys {
      let value = digit(key)
      other[starts[value]] = key
      starts[value] += 1
    }
  }

  /// Brings the calls of each identity into an order, in which they mostly are.
  mutating func sortRuns(_ precedes: (Key, Key) -> Bool) {
    var start = 0
    while start < keys.count {
      let end = endOfRun(from: start)
      let isSorted = (start + 1..<end).allSatisfy { !precedes(keys[$0], keys[$0 - 1]) }
      if !isSorted { keys[start..<end].sort(by: precedes) }
      start = end
    }
  }

  /// Calls `body` for each identity with its calls.
  func forEachRun<Failure>(
    _ body: (Int64, ArraySlice<Key>) throws(Failure) -> Void
  ) throws(Failure) {
    var start = 0
    while start < keys.count {
      let end = endOfRun(from: start)
      try body(keys[start].identity, keys[start..<end])
      start = end
    }
  }

  private func endOfRun(from start: Int) -> Int {
    var end = start + 1
    while end < keys.count, keys[end].identity == keys[start].identity { end += 1 }
    return end
  }
}
