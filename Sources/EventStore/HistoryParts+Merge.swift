import Evaluation
import SQLite

extension HistoryParts {
  /// So many runs of about one size become one, so that who looks for a part looks in a few.
  static let fanOut = 16

  /// Runs of one level are merged: each holds up to sixteen times as much as the one below.
  static func level(for parts: Int64) -> Int { (Int64.bitWidth - parts.leadingZeroBitCount) / 4 }

  /// Merges the runs of a level where there are enough of them, and then those that it makes many. Only
  /// inside a write transaction.
  static func merge(_ connection: Connection) throws {
    while true {
      let runs = try connection.prepare("SELECT id, parts FROM part_runs ORDER BY id")
        .all { (id: $0.int(0), level: level(for: $0.int(1))) }
      let levels = Dictionary(grouping: runs, by: \.level).filter { $0.value.count >= fanOut }
      guard let level = levels.keys.min(), let group = levels[level] else { return }
      try merge(group.map(\.id), connection)
    }
  }

  private static func merge(_ runs: [Int64], _ connection: Connection) throws {
    let reader = try Reader(connection, runs: runs)
    var writer = try PartRunWriter(connection)
    while let identity = reader.identity {
      try writer.add(identity, History().adding(try reader.take(identity)))
    }
    try writer.finish()
    for run in runs { try remove(run, connection) }
  }

  private static func remove(_ run: Int64, _ connection: Connection) throws {
    try connection.run(
      """
      DELETE FROM part_blocks WHERE id BETWEEN
        (SELECT first_block FROM part_runs WHERE id = ?1)
        AND (SELECT last_block FROM part_runs WHERE id = ?1)
      """, .init(run))
    try connection.run("DELETE FROM part_lists WHERE run = ?", .init(run))
    try connection.run("DELETE FROM part_runs WHERE id = ?", .init(run))
  }
}
