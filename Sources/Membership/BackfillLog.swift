import SQLite
import Values

/// The record of the backfills: what each computes, and how far it has come.
public struct BackfillLog {
  /// One definition of a backfill.
  public struct Part: Sendable, Equatable {
    public let definition: Int64
    public let fingerprint: String
    /// Whether what was there is of another query, and is replaced as a whole.
    public let isAnew: Bool

    public init(definition: Int64, fingerprint: String, isAnew: Bool) {
      self.definition = definition
      self.fingerprint = fingerprint
      self.isAnew = isAnew
    }
  }

  public struct Entry: Sendable {
    public let id: Int64
    public let range: Range<Int64>
    /// The last event that is taken into account.
    public let watermark: Int64
    /// The last event that had been taken into account before, where only profiles with later ones are
    /// computed; nil for everybody.
    public let changedSince: Int64?
    /// Profiles up to this one are done.
    public var place: Int64
    /// How many were computed, and how many spells they have in the range.
    public var profiles: Int
    public var spells: Int
    public var changes: SpellChanges
    /// In the order of the definitions' numbers.
    public var parts: [Part]
  }

  private let connection: Connection

  public init(_ connection: Connection) { self.connection = connection }

  /// The backfill that was begun and not finished; nil when there is none.
  public func unfinished() throws -> Entry? {
    let entry = try connection.prepare(
      """
      SELECT id, since, until, watermark, changed_since, place, profiles, spells, added, removed,
        altered
      FROM backfills WHERE NOT is_done
      """
    ).first { row in
      Entry(
        id: row.int(0), range: row.int(1)..<row.int(2), watermark: row.int(3),
        changedSince: row.optionalInt(4), place: row.int(5), profiles: Int(row.int(6)),
        spells: Int(row.int(7)),
        changes: SpellChanges(
          added: Int(row.int(8)), removed: Int(row.int(9)), altered: Int(row.int(10))),
        parts: [])
    }
    guard var entry else { return nil }
    entry.parts = try connection.prepare(
      """
      SELECT definition, fingerprint, is_anew FROM backfill_definitions
      WHERE backfill = ? ORDER BY definition
      """
    ).all(.init(entry.id)) { row in
      Part(definition: row.int(0), fingerprint: row.text(1), isAnew: row.int(2) != 0)
    }
    return entry
  }

  /// Begins a backfill. Only inside a write transaction.
  public func begin(
    _ range: Range<Int64>, _ parts: [Part], watermark: Int64, changedSince: Int64?
  ) throws -> Entry {
    try connection.run(
      "INSERT INTO backfills(since, until, watermark, changed_since) VALUES (?, ?, ?, ?)",
      .init(range.lowerBound), .init(range.upperBound), .init(watermark), .init(changedSince))
    let id = connection.lastInsertedRow
    for part in parts {
      try connection.run(
        """
        INSERT INTO backfill_definitions(backfill, definition, fingerprint, is_anew)
        VALUES (?, ?, ?, ?)
        """, .init(id), .init(part.definition), .init(part.fingerprint), .init(part.isAnew))
    }
    return Entry(
      id: id, range: range, watermark: watermark, changedSince: changedSince, place: 0,
      profiles: 0, spells: 0, changes: SpellChanges(), parts: parts)
  }

  /// Notes how far a backfill has come. Only inside a write transaction.
  public func advance(_ entry: Entry) throws {
    try connection.run(
      """
      UPDATE backfills SET place = ?, profiles = ?, spells = ?, added = ?, removed = ?, altered = ?
      WHERE id = ?
      """, .init(entry.place), .init(entry.profiles), .init(entry.spells),
      .init(entry.changes.added), .init(entry.changes.removed), .init(entry.changes.altered),
      .init(entry.id))
  }

  /// Ends a backfill that is done: its range is covered now. Only inside a write transaction.
  public func finish(_ entry: Entry) throws {
    try advance(entry)
    let ranges = SpellRanges(connection)
    for part in entry.parts {
      try ranges.add(
        SpellRanges.Covered(
          range: entry.range, fingerprint: part.fingerprint, watermark: entry.watermark),
        to: part.definition)
    }
    try connection.run("UPDATE backfills SET is_done = 1 WHERE id = ?", .init(entry.id))
    for table in ["backfill_definitions", "backfills"] {
      let id = table == "backfills" ? "id" : "backfill"
      try connection.run("DELETE FROM \(table) WHERE \(id) <= ?", .init(entry.id - Self.kept))
    }
  }

  /// How many backfills the record keeps.
  private static let kept: Int64 = 100

  /// Gives up an unfinished backfill, and takes away what it left where nothing is covered. Only inside a
  /// write transaction.
  public func giveUp(_ entry: Entry) throws {
    for part in entry.parts { try SpellRanges(connection).trim(part.definition) }
    try connection.run("DELETE FROM backfill_definitions WHERE backfill = ?", .init(entry.id))
    try connection.run("DELETE FROM backfills WHERE id = ?", .init(entry.id))
  }
}
