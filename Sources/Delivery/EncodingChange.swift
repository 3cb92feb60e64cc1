import Definitions
import Membership
import SQLite
import Values

/// What a change of a destination's `booleans` or `absent` would send again: values that were
/// acknowledged in another form than the file asks for now.
///
/// Until it is approved, a definition's values go out in the form of those that were acknowledged,
/// new ones too. Where nothing that was acknowledged would be another, there is nothing to approve.
public struct EncodingChange: Sendable, Equatable {
  /// The number of the definition in the store.
  public let definition: Int64
  public let key: String
  /// How many acknowledged values would be sent again.
  public let values: Int

  /// The changes that wait at a destination, by key. They cost a pass over what was acknowledged for
  /// the definitions concerned, and nothing when the encoding is the same.
  public static func waiting(
    _ connection: Connection, _ state: DestinationState, _ destination: DestinationDefinition
  ) throws -> [EncodingChange] {
    let review = try Review(Outbox(connection, state, destination))
    return try review.definitions.compactMap { id in
      let count = try review.count(of: id)
      return count == 0
        ? nil : EncodingChange(definition: id, key: try review.key(of: id), values: count)
    }.sorted { $0.key.precedesByScalars($1.key) }
  }

  /// Takes on the destination's encoding where nothing that was acknowledged would be another. Only
  /// inside a write transaction.
  public static func adoptHarmless(
    _ connection: Connection, _ state: DestinationState, _ destination: DestinationDefinition
  ) throws {
    let review = try Review(Outbox(connection, state, destination))
    for id in review.definitions where try review.count(of: id, upTo: 1) == 0 {
      try review.adopt(id)
    }
  }

  /// Takes on the destination's encoding for a definition, and makes pending what it changes. Only
  /// inside a write transaction.
  public static func approve(
    _ definition: Int64, _ connection: Connection, _ state: DestinationState,
    _ destination: DestinationDefinition
  ) throws {
    let review = try Review(Outbox(connection, state, destination))
    guard review.definitions.contains(definition) else { return }
    try review.enqueue(definition)
    try review.adopt(definition)
  }
}

/// What was acknowledged under the encodings in force, held against the one that the file asks for.
private struct Review {
  private let outbox: Outbox
  /// The definitions whose encoding is another.
  let definitions: [Int64]
  private let old: Outbox.Judge
  private let new: Outbox.Judge

  init(_ outbox: Outbox) throws {
    self.outbox = outbox
    let encoders = try Encoders(outbox.connection, outbox.destination, outbox.definition)
    definitions = encoders.others
    old = try Outbox.Judge(outbox, encoders)
    new = try Outbox.Judge(outbox, encoders.asWanted)
  }

  func key(of definition: Int64) throws -> String {
    try outbox.connection.prepare("SELECT key FROM definitions WHERE id = ?")
      .first(.init(definition)) { $0.text(0) } ?? ""
  }

  /// How many values would be sent only because the encoding is another.
  func count(of definition: Int64, upTo limit: Int = .max) throws -> Int {
    let objects = try outbox.connection.prepareFresh(
      "SELECT kind, profile FROM (\(try told())) ORDER BY kind, profile")
    try objects.bind(try key(definition))
    var count = 0
    while count < limit, try objects.step() {
      let kind = ObjectKind(rawValue: objects.int(0)) ?? .user
      guard let row = try outbox.row(kind, objects.int(1), definition), row.isActive, !row.isShared
      else { continue }
      let before = try old.difference(row, kind.lane)
      count += try new.difference(row, kind.lane).count { property in
        !before.contains { $0.key.isExactly(property.key) }
      }
    }
    return count
  }

  func adopt(_ definition: Int64) throws {
    try outbox.connection.run(
      "UPDATE encodings SET encoding = ? WHERE destination = ? AND definition = ?",
      .init(Encoding(outbox.definition).text), .init(outbox.destination), .init(definition))
  }

  func enqueue(_ definition: Int64) throws {
    let statement = try outbox.connection.prepareFresh(
      """
      INSERT OR IGNORE INTO pending(destination, kind, profile, definition)
      SELECT ?1, kind, profile, ?2 FROM (\(try told()))
      """)
    try statement.bind(try key(definition))
    while try statement.step() {}
  }

  /// The objects that were told something of a definition: destination, definition, and with a trait
  /// the definition whose value users are known by.
  private func told() throws -> String {
    let byID = """
      SELECT DISTINCT a.kind AS kind, i.id AS profile
      FROM acknowledged AS a JOIN identities AS i ON i.kind = a.kind AND i.external_id = a.identity
      WHERE a.destination = ?1 AND a.definition = ?2
      """
    guard try outbox.trait != nil else { return byID }
    return """
      \(byID) AND a.kind <> \(ObjectKind.user.rawValue)
      UNION
      SELECT DISTINCT a.kind, u.profile
      FROM acknowledged AS a JOIN user_identities AS u
        ON u.definition = ?3 AND u.identity = a.identity
      WHERE a.destination = ?1 AND a.definition = ?2 AND a.kind = \(ObjectKind.user.rawValue)
      """
  }

  private func key(_ definition: Int64) throws -> [Datum] {
    let key: [Datum] = [.init(outbox.destination), .init(definition)]
    return try outbox.trait.map { key + [.init($0)] } ?? key
  }
}

extension ObjectKind {
  /// The part of the outbox with the objects of this kind.
  var lane: Outbox.Place.Lane { self == .user ? .users : .accounts }
}
