import Testing

@testable import EventStore

@Suite struct PrefixHashTests {
  @Test(
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func `published values of XXH64 come out`(text: String, value: UInt64) {
    var hash = PrefixHash()
    hash.update(Array(text.utf8).span)
    #expect(hash.value == value)
  }

  @Test func `pieces of any size make the hash of the whole`() {
    let bytes = (0..<777).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var whole = PrefixHash()
    whole.update(bytes.span)
    for size in [1, 7, 31, 32, 33, 64, 500] {
      var hash = PrefixHash()
      for start in stride(from: 0, to: bytes.count, by: size) {
        hash.update(bytes.span.extracting(start..<min(start + size, bytes.count)))
      }
      #expect(hash.value == whole.value, "pieces of \(size)")
    }
  }
}
