/// Numbers for the names and ids of an ingest's calls: a text has the same one in every batch.
///
/// So a text is looked for once a call, and whoever writes keeps what the store says of a number. They
/// begin anew when there are many.
struct CallTexts: Sendable {
  var events = TextNumbers()
  var users = TextNumbers()
  var anonymous = TextNumbers()
  var accounts = TextNumbers()
}

/// The numbers of the texts of one kind.
struct TextNumbers: Sendable {
  /// So many texts are kept at most, and so many bytes of them, and those of one batch.
  private static let limit = (texts: 1_000_000, bytes: 64 << 20)

  private var interner = ByteInterner()
  private var handedOver = 0

  mutating func number(of text: Span<UInt8>) -> Int32 { Int32(interner.intern(text)) }

  /// The texts that got their number since the last call.
  mutating func takeNew() -> NewTexts {
    var new = NewTexts(first: handedOver)
    new.texts.append(interner.texts, from: handedOver)
    handedOver = interner.texts.count
    if handedOver > Self.limit.texts || interner.texts.bytes.count > Self.limit.bytes {
      interner.removeAll()
      handedOver = 0
    }
    return new
  }
}

/// The texts that came up in a batch, with the numbers from `first` on. With 0 the numbers begin anew.
struct NewTexts: Sendable {
  let first: Int
  var texts = ByteTexts()
}
