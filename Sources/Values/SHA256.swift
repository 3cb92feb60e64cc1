import CSHA256

/// SHA-256, fed piece by piece.
///
/// Source: FIPS 180-4, "Secure Hash Standard". A copy goes on from where the original stood, so the
/// digest of a prefix costs nothing extra on the way to the whole.
public struct SHA256: Sendable {
  /// The outcome: 256 bits in eight words.
  public struct Digest: Sendable, Equatable {
    fileprivate let words: InlineArray<8, UInt32>

    /// The first eight bytes, read as a big-endian number: a hash for a table.
    public var first64Bits: UInt64 { UInt64(words[0]) << 32 | UInt64(words[1]) }

    /// Sixty-four lower-case hexadecimal digits.
    public var hex: String {
      String(unsafeUninitializedCapacity: 64) { target in
        for index in 0..<64 {
          let digit = UInt8(words[index / 8] >> UInt32(28 - index % 8 * 4) & 0xF)
          target[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
        return 64
      }
    }

    public static func == (left: Digest, right: Digest) -> Bool {
      left.words.indices.allSatisfy { left.words[$0] == right.words[$0] }
    }
  }

  private var state: InlineArray<8, UInt32> = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  /// The bytes that do not fill a block yet.
  private var rest = InlineArray<64, UInt8>(repeating: 0)
  private var restCount = 0
  private var byteCount: UInt64 = 0

  public init() {}

  /// The digest of one text.
  public static func digest(of bytes: Span<UInt8>) -> Digest {
    if bytes.count < 56 { return digest(ofShort: bytes) }
    var hash = SHA256()
    hash.update(bytes)
    return hash.digest
  }

  /// The digest of a text that fills one block with what is appended to it: message ids do.
  private static func digest(ofShort bytes: Span<UInt8>) -> Digest {
    var block = InlineArray<64, UInt8>(repeating: 0)
    for index in bytes.indices { block[index] = bytes[index] }
    block[bytes.count] = 0x80
    block[62] = UInt8(truncatingIfNeeded: bytes.count >> 5)
    block[63] = UInt8(truncatingIfNeeded: bytes.count << 3)
    var hash = SHA256()
    hash.compress(block.span, at: 0)
    return Digest(words: hash.state)
  }

  /// Takes in the next bytes.
  public mutating func update(_ bytes: Span<UInt8>) {
    byteCount += UInt64(bytes.count)
    var at = 0
    while restCount > 0, at < bytes.count { take(bytes[at], &at) }
    while at + 64 <= bytes.count {
      compress(bytes, at: at)
      at += 64
    }
    while at < bytes.count { take(bytes[at], &at) }
  }

  /// The digest of everything taken in so far.
  public var digest: Digest {
    var last = self
    var at = 0
    last.take(0x80, &at)
    while last.restCount != 56 { last.take(0, &at) }
    let bits = byteCount << 3
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      last.take(UInt8(truncatingIfNeeded: bits >> shift), &at)
    }
    return Digest(words: last.state)
  }

  private mutating func take(_ byte: UInt8, _ at: inout Int) {
    rest[restCount] = byte
    restCount += 1
    at += 1
    if restCount == 64 {
      restCount = 0
      let block = rest
      compress(block.span, at: 0)
    }
  }

  private mutating func compress(_ bytes: Span<UInt8>, at start: Int) {
    let block = bytes.extracting(start..<(start + 64))
    if !Self.compressNatively(&state, block) { Self.compressPortably(&state, block) }
  }

  /// Takes in a block of 64 bytes with the processor's own instructions. False where it has none.
  static func compressNatively(
    _ state: inout InlineArray<8, UInt32>, _ block: Span<UInt8>
  ) -> Bool {
    precondition(block.count == 64)
    var words = state.mutableSpan
    return words.withUnsafeMutableBufferPointer { words in
      block.withUnsafeBufferPointer { block in
        roundConstants.span.withUnsafeBufferPointer { constants in
          rollcall_sha256_compress(words.baseAddress, block.baseAddress, constants.baseAddress)
        }
      }
    }
  }

  /// The same for every processor.
  static func compressPortably(
    _ state: inout InlineArray<8, UInt32>, _ bytes: Span<UInt8>
  ) {
    var w = InlineArray<64, UInt32>(repeating: 0)
    let block = bytes.bytes
    for index in 0..<16 {
      w[index] = UInt32(
        bigEndian: block.unsafeLoadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
    }
    for index in 16..<64 {
      let (early, late) = (w[index - 15], w[index - 2])
      let s0 = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
      let s1 = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
      w[index] = w[index - 16] &+ s0 &+ w[index - 7] &+ s1
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    // Eight rounds bring every word back to its place, so that none has to be moved.
    for round in stride(from: 0, to: 64, by: 8) {
      Self.round(a, b, c, &d, e, f, g, &h, roundConstants[round] &+ w[round])
      Self.round(h, a, b, &c, d, e, f, &g, roundConstants[round + 1] &+ w[round + 1])
      Self.round(g, h, a, &b, c, d, e, &f, roundConstants[round + 2] &+ w[round + 2])
      Self.round(f, g, h, &a, b, c, d, &e, roundConstants[round + 3] &+ w[round + 3])
      Self.round(e, f, g, &h, a, b, c, &d, roundConstants[round + 4] &+ w[round + 4])
      Self.round(d, e, f, &g, h, a, b, &c, roundConstants[round + 5] &+ w[round + 5])
      Self.round(c, d, e, &f, g, h, a, &b, roundConstants[round + 6] &+ w[round + 6])
      Self.round(b, c, d, &e, f, g, h, &a, roundConstants[round + 7] &+ w[round + 7])
    }
    state[0] &+= a
    state[1] &+= b
    state[2] &+= c
    state[3] &+= d
    state[4] &+= e
    state[5] &+= f
    state[6] &+= g
    state[7] &+= h
  }

  @inline(__always)
  private static func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32,
    _ g: UInt32, _ h: inout UInt32, _ word: UInt32
  ) {
    let sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
    let choice = (f ^ g) & e ^ g
    let first = h &+ sum1 &+ choice &+ word
    let sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
    let majority = a & b ^ (a ^ b) & c
    d = d &+ first
    h = first &+ sum0 &+ majority
  }
}

@inline(__always) private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
  word >> count | word << (32 - count)
}

/// The fractional parts of the cube roots of the first sixty-four primes (FIPS 180-4, 4.2.2).
private let roundConstants: InlineArray<64, UInt32> = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
  0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
  0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
  0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
  0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
  0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
  0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
  0xc671_78f2,
]
