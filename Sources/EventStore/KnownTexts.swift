/// Names or external ids with the ids that the store gave them, as far as they are known.
///
/// The numbers are this process's own and stay valid until `trim`, so that scanning needs no store.
/// The ids must be those of committed rows: `forgetIDs` is for a transaction that was taken back,
/// and for when another connection may have deleted rows.
struct KnownTexts {
  /// So many texts are kept at most between two batches, some 50 MB of them.
  private static let limit = 500_000

  private var texts = ByteInterner()
  /// The store's id of each text; 0 when it is not known.
  private var ids: [Int64] = []

  mutating func number(of text: Span<UInt8>) -> Int {
    let number = texts.intern(text)
    if number == ids.count { ids.append(0) }
    return number
  }

  /// The id of the text with this number, asked of the store when it is not known.
  mutating func id(_ number: Int, find: (String) throws -> Int64) rethrows -> Int64 {
    if ids[number] != 0 { return ids[number] }
    let id = try find(texts.string(number))
    ids[number] = id
    return id
  }

  mutating func forgetIDs() {
    for number in ids.indices { ids[number] = 0 }
  }

  /// Forgets everything once it has become too much. Numbers given before are void then.
  mutating func trim() {
    guard ids.count > Self.limit else { return }
    texts = ByteInterner()
    ids = []
  }
}
