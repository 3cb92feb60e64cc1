import SQLite

/// The ids that the store gave to the texts of a batch: names, or the external ids of one kind.
///
/// Texts are looked up in the order of the table's index, so that each of its pages is read once.
/// New ones get their ids in the order of the calls.
struct TextTable {
  private let connection: Connection
  private let select: Statement
  private let insert: Statement
  private var known = KnownIDs()
  /// The id of each text of the batch; 0 when it has none.
  private var ids: [Int64] = []

  /// The table of the events' names.
  init(names connection: Connection) throws {
    self.connection = connection
    select = try connection.prepareFresh("SELECT id FROM names WHERE name = ?1")
    insert = try connection.prepareFresh("INSERT INTO names(name) VALUES (?1)")
  }

  /// The external ids of a kind.
  init(_ kind: IdentityKind, _ connection: Connection) throws {
    self.connection = connection
    select = try connection.prepareFresh(
      "SELECT id FROM identities WHERE kind = \(kind.rawValue) AND external_id = ?1")
    insert = try connection.prepareFresh(
      "INSERT INTO identities(kind, external_id) VALUES (\(kind.rawValue), ?1)")
  }

  /// Looks up the texts with these numbers.
  mutating func find(_ numbers: some Sequence<Int32?>, in texts: BatchTexts) throws {
    var isAsked = [Bool](repeating: false, count: texts.texts.count)
    for case let number? in numbers { isAsked[Int(number)] = true }
    ids = [Int64](repeating: 0, count: isAsked.count)
    for number in texts.order where isAsked[number] {
      let text = texts.texts.bytes.span.extracting(texts.texts.range(number))
      if let id = known.id(of: text, hash: texts.texts.hashes[number]) {
        ids[number] = id
      } else if let id = try select.firstInt(text: text, at: 1) {
        ids[number] = id
        known.add(id, of: text, hash: texts.texts.hashes[number])
      }
    }
  }

  /// Gives a text that was looked up an id when it has none.
  mutating func add(_ number: Int32?, in texts: BatchTexts) throws {
    guard let number, ids[Int(number)] == 0 else { return }
    let text = texts.texts.bytes.span.extracting(texts.texts.range(Int(number)))
    try insert.run(text: text, at: 1)
    let id = connection.lastInsertedRow
    ids[Int(number)] = id
    known.add(id, of: text, hash: texts.texts.hashes[Int(number)])
  }

  /// The id of a text that has one by now.
  func id(_ number: Int32?) -> Int64? { number.map { ids[Int($0)] } }

  /// Forgets the ids of earlier batches.
  mutating func forget() { known = KnownIDs() }
}
