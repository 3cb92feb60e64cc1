import SQLite

/// The counts that the triggers keep, held against what was acknowledged.
extension GuardLedger {
  /// The first count that is wrong, in words; nil when all are right.
  public static func difference(_ connection: Connection) throws -> String? {
    try connection.prepare(
      """
      SELECT d.key, t.name, g.members, coalesce(c.members, 0)
      FROM guards AS g JOIN definitions AS d ON d.id = g.definition
        JOIN destinations AS t ON t.id = g.destination
        LEFT JOIN (\(GuardSchema.acknowledgedMembers)) AS c
          ON c.destination = g.destination AND c.definition = g.definition
      WHERE g.members <> coalesce(c.members, 0) ORDER BY t.id, d.key LIMIT 1
      """
    ).first { row in
      "'\(row.text(1))' acknowledged \(row.int(3)) of '\(row.text(0))', and \(row.int(2)) are counted; "
        + "'rollcall rebuild'"
    }
  }

  /// Counts everything anew. Only inside a write transaction.
  public static func rebuild(_ connection: Connection) throws {
    try connection.execute(
      """
      UPDATE guards SET members = 0;
      UPDATE guards SET members = c.members FROM (\(GuardSchema.acknowledgedMembers)) AS c
      WHERE c.destination = guards.destination AND c.definition = guards.definition;
      """)
  }
}
