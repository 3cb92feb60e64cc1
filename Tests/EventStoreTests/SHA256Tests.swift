import Testing

@testable import Values

@Suite struct SHA256Tests {
  /// FIPS 180-4's examples and the long message of NIST's "SHA test vectors".
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
        + "lmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func `the published vectors come out`(text: String, hex: String) {
    #expect(SHA256.digest(of: Array(text.utf8).span).hex == hex)
  }

  @Test func `pieces of any size make the digest of the whole`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let whole = SHA256.digest(of: bytes.span)
    for size in [1, 3, 55, 56, 63, 64, 65, 127, 500] {
      var hash = SHA256()
      for start in stride(from: 0, to: bytes.count, by: size) {
        hash.update(bytes.span.extracting(start..<min(start + size, bytes.count)))
      }
      #expect(hash.digest == whole, "pieces of \(size)")
    }
  }

  @Test func `a text of any length has the digest of its bytes one by one`() {
    for length in 0...130 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
      var hash = SHA256()
      for index in bytes.indices { hash.update(bytes.span.extracting(index..<(index + 1))) }
      #expect(SHA256.digest(of: bytes.span) == hash.digest, "\(length) bytes")
    }
  }

  @Test func `a digest on the way does not disturb the rest`() {
    var hash = SHA256()
    hash.update(Array("ab".utf8).span)
    let early = hash.digest
    hash.update(Array("c".utf8).span)
    #expect(early == SHA256.digest(of: Array("ab".utf8).span))
    #expect(hash.digest == SHA256.digest(of: Array("abc".utf8).span))
    #expect(hash.digest.first64Bits == 0xba78_16bf_8f01_cfea)
  }

  @Test func `the processor's instructions and the plain way come to the same`() {
    var random: UInt64 = 1
    for number in 0..<200 {
      let block = (0..<64).map { _ in
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: random >> 40)
      }
      var native = InlineArray<8, UInt32> {
        UInt32(truncatingIfNeeded: ($0 + number) &* 0x9E37_79B9)
      }
      var portable = native
      // Where the processor has none, there is nothing to compare.
      guard SHA256.compressNatively(&native, block.span) else { return }
      SHA256.compressPortably(&portable, block.span)
      for index in native.indices { #expect(native[index] == portable[index], "block \(number)") }
    }
  }
}
