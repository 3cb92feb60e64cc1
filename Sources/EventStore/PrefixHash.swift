/// A running 64-bit hash of a file's bytes, to tell whether its beginning is still the same.
///
/// It guards against edits, rotation and mix-ups, not against somebody who looks for a collision:
/// what goes wrong then is only where that person's own file is taken up. A cryptographic hash
/// would cost as much as scanning the lines.
///
/// Source: XXH64, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, with seed 0.
struct PrefixHash {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  private var lanes = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
  /// The bytes that do not fill a stripe yet.
  private var rest: [UInt8] = []
  private var count: UInt64 = 0

  /// Takes in the next bytes.
  mutating func update(_ bytes: Span<UInt8>) {
    count += UInt64(bytes.count)
    var at = 0
    while !rest.isEmpty, at < bytes.count {
      rest.append(bytes[at])
      at += 1
      if rest.count == 32 {
        let stripe = rest
        mix(stripe.span.bytes, at: 0)
        rest.removeAll(keepingCapacity: true)
      }
    }
    let raw = bytes.bytes
    while at + 32 <= bytes.count {
      mix(raw, at: at)
      at += 32
    }
    while at < bytes.count {
      rest.append(bytes[at])
      at += 1
    }
  }

  /// The hash of everything taken in so far.
  var value: UInt64 {
    var hash = count < 32 ? Self.prime5 : merged
    hash &+= count
    let raw = rest.span.bytes
    var at = 0
    while at + 8 <= rest.count {
      hash = rotated(hash ^ round(0, word(raw, at)), 27) &* Self.prime1 &+ Self.prime4
      at += 8
    }
    if at + 4 <= rest.count {
      let half = UInt64(
        UInt32(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)))
      hash = rotated(hash ^ half &* Self.prime1, 23) &* Self.prime2 &+ Self.prime3
      at += 4
    }
    while at < rest.count {
      hash = rotated(hash ^ UInt64(rest[at]) &* Self.prime5, 11) &* Self.prime1
      at += 1
    }
    hash = (hash ^ hash >> 33) &* Self.prime2
    hash = (hash ^ hash >> 29) &* Self.prime3
    return hash ^ hash >> 32
  }

  private var merged: UInt64 {
    let (a, b, c, d) = lanes
    var hash = rotated(a, 1) &+ rotated(b, 7) &+ rotated(c, 12) &+ rotated(d, 18)
    hash = (hash ^ round(0, a)) &* Self.prime1 &+ Self.prime4
    hash = (hash ^ round(0, b)) &* Self.prime1 &+ Self.prime4
    hash = (hash ^ round(0, c)) &* Self.prime1 &+ Self.prime4
    return (hash ^ round(0, d)) &* Self.prime1 &+ Self.prime4
  }

  private mutating func mix(_ raw: RawSpan, at place: Int) {
    lanes.0 = round(lanes.0, word(raw, place))
    lanes.1 = round(lanes.1, word(raw, place + 8))
    lanes.2 = round(lanes.2, word(raw, place + 16))
    lanes.3 = round(lanes.3, word(raw, place + 24))
  }

  private func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotated(lane &+ word &* Self.prime2, 31) &* Self.prime1
  }

  private func word(_ raw: RawSpan, _ place: Int) -> UInt64 {
    UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  private func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 {
    word << count | word >> (64 - count)
  }
}
