import Evaluation
import SQLite

extension HistoryParts {
  /// Puts the parts of a store of version 6, a row each, into one sorted run.
  public static func migrateToVersion7(_ connection: Connection) throws {
    try takeOver(connection)
    // Not while a row of it is being read.
    try connection.execute("DROP TABLE history_parts")
  }

  private static func takeOver(_ connection: Connection) throws {
    let rows = try connection.prepareFresh(
      "SELECT identity, data FROM history_parts ORDER BY identity, id")
    var writer = try PartRunWriter(connection)
    var (identity, parts): (Int64?, [History]) = (nil, [])
    while true {
      let next = try rows.step() ? rows.int(0) : nil
      if let identity, identity != next {
        try writer.add(identity, History().adding(parts))
        parts = []
      }
      guard let next else { break }
      identity = next
      parts.append(History(bytes: rows.blob(1)))
    }
    try writer.finish()
  }
}
