import SQLite

/// The ids that the store gave to the texts of a batch: names, or the external ids of one kind.
///
/// Texts are looked up in the order of the table's index, so that each of its pages is read once.
/// New ones get their ids in the order of the calls. Ids hold for one transaction.
struct TextTable {
  private let connection: Connection
  private let select: Statement
  private let insert: Statement
  /// The id of each text; 0 when it has none.
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

  /// Looks up the texts with these numbers, and forgets what was known before.
  mutating func find(_ numbers: some Sequence<Int32?>, in texts: BatchTexts) throws {
    var isAsked = [Bool](repeating: false, count: texts.texts.count)
    for case let number? in numbers { isAsked[Int(number)] = true }
    ids = [Int64](repeating: 0, count: isAsked.count)
    for number in texts.order where isAsked[number] {
      let text = texts.texts.bytes.span.extracting(texts.texts.range(number))
      ids[number] = try select.firstInt(text: text, at: 1) ?? 0
    }
  }

  /// Gives a text that was looked up an id when it has none.
  mutating func add(_ number: Int32?, in texts: BatchTexts) throws {
    guard let number, ids[Int(number)] == 0 else { return }
    let range = texts.texts.range(Int(number))
    try insert.run(text: texts.texts.bytes.span.extracting(range), at: 1)
    ids[Int(number)] = connection.lastInsertedRow
  }

  /// The id of a text that has one by now.
  func id(_ number: Int32?) -> Int64? { number.map { ids[Int($0)] } }
}
