import SQLite

/// A definition that takes the place of a removed one that asks the same.
enum KeyChange {
  /// Notes which definitions of a run took another's place. Only inside the run's transaction.
  ///
  /// A removed definition that no destination has members of is none to take the place of.
  static func note(
    _ entries: [DefinitionRegistry.Entry], _ connection: Connection
  ) throws {
    for entry in entries where entry.change == .added {
      try connection.run(
        "DELETE FROM key_changes WHERE ?1 IN (definition, predecessor)", .init(entry.id))
      try connection.run(
        """
        INSERT OR REPLACE INTO key_changes(definition, predecessor)
        SELECT new.id, old.id FROM definitions AS new
          JOIN definitions AS old ON old.query = new.query AND old.is_removed AND old.id <> new.id
        WHERE new.id = ? AND EXISTS (
          SELECT 1 FROM guards WHERE definition = old.id AND members > 0)
        ORDER BY old.id DESC LIMIT 1
        """, .init(entry.id))
    }
  }
}
