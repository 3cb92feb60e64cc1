import SQLite

/// The ids that the store gave to texts: names, or the external ids of one kind.
///
/// Texts are looked up in the order of the table's index, so that each of its pages is read once.
/// New ones get their ids in the order of the calls. Ids are remembered by the texts' numbers: they
/// hold until another connection commits, which may have deleted a row, whose id is then free again.
struct TextTable {
  /// What is known of a text's id before it has one.
  private static let unknown: Int64 = 0
  private static let absent: Int64 = -1

  private let connection: Connection
  private let select: Statement
  private let insert: Statement
  private var texts = ByteTexts()
  /// The id of each text.
  private var ids: [Int64] = []
  /// All texts before this one have ids. Most that are asked for do, and are not looked at.
  private var settled: Int32 = 0
  /// Those that are to be looked up.
  private var wanted: [Int] = []

  /// The table of the events' names.
  init(names connection: Connection) throws {
    self.connection = connection
    select = try connection.prepareFresh("SELECT id FROM names WHERE name = ?1")
    insert = try connection.prepareFresh("INSERT INTO names(name) VALUES (?1)")
  }

  /// The external ids of a kind.
  init(_ kind: IdentityKind, _ connection: Connection) throws {
    self.connection = connection
    select = try Self.select(kind, connection)
    insert = try connection.prepareFresh(
      "INSERT INTO identities(kind, external_id) VALUES (\(kind.rawValue), ?1)")
  }

  /// Takes in the texts of a batch. Their numbers follow those of the batch before it, or begin anew.
  mutating func take(_ new: NewTexts) {
    if new.first == 0 {
      texts.removeAll()
      ids.removeAll(keepingCapacity: true)
      settled = 0
    }
    precondition(new.first == texts.count, "a batch is missing")
    texts.append(new.texts, from: 0)
    ids += repeatElement(Self.unknown, count: new.texts.count)
  }

  /// Notes that the id of a text is needed. Known ones are not looked up.
  mutating func want(_ number: Int32?) {
    guard let number, number >= settled, ids[Int(number)] == Self.unknown else { return }
    ids[Int(number)] = Self.absent
    wanted.append(Int(number))
  }

  /// Looks up the texts that were noted.
  mutating func find() throws {
    try Self.find(wanted, of: texts, with: select) { ids[$0] = $1 }
    wanted.removeAll(keepingCapacity: true)
  }

  /// The ids that the store has for all of these texts, to be learnt by a table that took them.
  static func ids(
    of texts: ByteTexts, _ kind: IdentityKind, _ connection: Connection
  ) throws -> [Int64] {
    var ids = [Int64](repeating: absent, count: texts.count)
    try find(Array(0..<texts.count), of: texts, with: select(kind, connection)) { ids[$0] = $1 }
    return ids
  }

  /// Keeps what was found for all texts.
  mutating func learn(_ ids: [Int64]) {
    precondition(ids.count == texts.count, "ids of other texts")
    self.ids = ids
  }

  private static func select(
    _ kind: IdentityKind, _ connection: Connection
  ) throws -> Statement {
    try connection.prepareFresh(
      "SELECT id FROM identities WHERE kind = \(kind.rawValue) AND external_id = ?1")
  }

  private static func find(
    _ numbers: [Int], of texts: ByteTexts, with select: Statement, _ body: (Int, Int64) -> Void
  ) throws {
    for number in texts.sorted(numbers) {
      let text = texts.bytes.span.extracting(texts.range(number))
      if let id = try select.firstInt(text: text, at: 1) { body(number, id) }
    }
  }

  /// Gives a text that was looked up an id when it has none.
  mutating func add(_ number: Int32?) throws {
    guard let number, number >= settled, ids[Int(number)] == Self.absent else { return }
    try insert.run(text: texts.bytes.span.extracting(texts.range(Int(number))), at: 1)
    ids[Int(number)] = connection.lastInsertedRow
  }

  /// Goes on to the first text that has no id yet.
  mutating func settle() {
    while Int(settled) < ids.count, ids[Int(settled)] > 0 { settled += 1 }
  }

  /// The id of a text that has one by now.
  func id(_ number: Int32?) -> Int64? { number.map { ids[Int($0)] } }

  /// Forgets the ids, and keeps the texts.
  mutating func forget() {
    for number in ids.indices { ids[number] = Self.unknown }
    wanted.removeAll()
    settled = 0
  }
}
