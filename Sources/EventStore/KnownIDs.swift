/// The ids of texts that came in earlier batches, so that the store is not asked again.
///
/// They are those of committed rows. They no longer hold once another connection has committed: it
/// may have deleted a row, whose id is then free again.
struct KnownIDs {
  /// So many texts are kept at most, some 60 MB of them.
  private static let limit = 1_000_000

  private var texts = ByteInterner()
  private var ids: [Int64] = []

  /// The id of a text; nil when it is not known.
  func id(of text: Span<UInt8>, hash: Int) -> Int64? {
    texts.number(of: text, hash: hash).map { ids[$0] }
  }

  /// Keeps the id of a text that is not known.
  mutating func add(_ id: Int64, of text: Span<UInt8>, hash: Int) {
    guard ids.count < Self.limit else { return }
    _ = texts.intern(text, hash: hash)
    ids.append(id)
  }
}
