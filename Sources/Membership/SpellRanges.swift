import SQLite
import Values

/// Which stretches of time the spells of each definition cover.
public struct SpellRanges {
  /// A stretch that was computed as a whole.
  public struct Covered: Sendable, Equatable {
    /// The first instant, in UTC milliseconds, and the first one behind the stretch.
    public let range: Range<Int64>
    /// Of which query, with those that it refers to.
    public let fingerprint: String
    /// The last event that was taken into account everywhere in it.
    public let watermark: Int64
  }

  private let connection: Connection

  public init(_ connection: Connection) { self.connection = connection }

  /// The number of a definition; nil when no past of it was ever computed.
  public func definition(_ key: String) throws -> Int64? {
    try connection.prepare("SELECT id FROM spell_definitions WHERE key = ?")
      .first(.init(key)) { $0.int(0) }
  }

  /// The number of a definition, given to it when it has none. Only inside a write transaction.
  public func register(_ key: String, kind: String) throws -> Int64 {
    try connection.run(
      """
      INSERT INTO spell_definitions(key, kind) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET kind = excluded.kind WHERE kind <> excluded.kind
      """, .init(key), .init(kind))
    guard let id = try definition(key) else { throw SQLiteError.damaged("spell_definitions") }
    return id
  }

  /// In the order of time.
  public func covered(_ definition: Int64) throws -> [Covered] {
    try connection.prepare(
      """
      SELECT since, until, fingerprint, watermark FROM spell_ranges
      WHERE definition = ? ORDER BY since
      """
    ).all(.init(definition)) { row in
      Covered(
        range: row.int(0)..<row.int(1), fingerprint: row.text(2), watermark: row.int(3))
    }
  }

  /// Takes a stretch in that was computed as a whole, joined with those that it touches. Only inside a
  /// write transaction.
  public func add(_ new: Covered, to definition: Int64) throws {
    var whole = new.range
    var watermark = new.watermark
    for known in try covered(definition)
    where known.range.lowerBound <= whole.upperBound && known.range.upperBound >= whole.lowerBound {
      try remove(known, from: definition)
      let isInside =
        known.range.lowerBound >= new.range.lowerBound
        && known.range.upperBound <= new.range.upperBound
      if !isInside { watermark = min(watermark, known.watermark) }
      whole =
        min(
          whole.lowerBound, known.range.lowerBound)..<max(
          whole.upperBound, known.range.upperBound)
    }
    try connection.run(
      """
      INSERT INTO spell_ranges(definition, since, until, fingerprint, watermark)
      VALUES (?, ?, ?, ?, ?)
      """, .init(definition), .init(whole.lowerBound), .init(whole.upperBound),
      .init(new.fingerprint), .init(watermark))
  }

  /// Says of a stretch that it is not covered any more. Only inside a write transaction.
  public func remove(_ covered: Covered, from definition: Int64) throws {
    try connection.run(
      "DELETE FROM spell_ranges WHERE definition = ? AND since = ?", .init(definition),
      .init(covered.range.lowerBound))
  }

  /// Takes away what an unfinished backfill left outside of the stretches that are covered. Only inside a
  /// write transaction.
  public func trim(_ definition: Int64) throws {
    var edges: [Int64] = [.min]
    for known in try covered(definition) {
      edges += [known.range.lowerBound, known.range.upperBound]
    }
    edges.append(.max)
    // What lies between two stretches goes; what reaches over an edge is cut there.
    for gap in stride(from: 0, to: edges.count, by: 2) {
      let (from, to) = (edges[gap], edges[gap + 1])
      try connection.run(
        """
        INSERT INTO spells(definition, profile, since, until, value)
        SELECT definition, profile, ?2, until, value FROM spells
        WHERE definition = ?1 AND since < ?2 AND until > ?2
        """, .init(definition), .init(to))
      try connection.run(
        "DELETE FROM spells WHERE definition = ? AND since >= ? AND since < ?",
        .init(definition), .init(from), .init(to))
      try connection.run(
        "UPDATE spells SET until = ?2 WHERE definition = ?1 AND since < ?2 AND until > ?2",
        .init(definition), .init(from))
    }
  }
}
