import SQLite
import Values

/// What became of the lines so far.
struct IngestCounts: Equatable {
  var accepted = 0
  /// Calls whose message id was there already, conflicts among them.
  var duplicates = 0
  /// Duplicates that say something else than the stored call.
  var conflicts = 0
  var rejected = 0

  static func += (total: inout IngestCounts, part: IngestCounts) {
    total.accepted += part.accepted
    total.duplicates += part.duplicates
    total.conflicts += part.conflicts
    total.rejected += part.rejected
  }
}

/// How far an ingest has come in a file, as the row of `ingests` keeps it.
///
/// The row is written in the transaction that stores the calls before the place, so the two agree
/// after every crash.
struct IngestPlace: Equatable {
  /// The bytes before the place.
  var offset = 0
  /// The hash of those bytes.
  var prefix: UInt64 = 0
  var lines = 0
  var counts = IngestCounts()

  /// The place stored for a file, or nil when none is unfinished.
  static func stored(for file: String, in connection: Connection) throws -> IngestPlace? {
    let select = try connection.prepareFresh(
      """
      SELECT offset, prefix_hash, lines, accepted, duplicates, conflicts, rejected
      FROM ingests WHERE file = ?1
      """)
    return try select.first(.text(file)) { row in
      IngestPlace(
        offset: Int(row.int(0)), prefix: UInt64(bitPattern: row.int(1)), lines: Int(row.int(2)),
        counts: IngestCounts(
          accepted: Int(row.int(3)), duplicates: Int(row.int(4)), conflicts: Int(row.int(5)),
          rejected: Int(row.int(6))))
    }
  }

  func store(for file: String, in connection: Connection) throws {
    try connection.prepareFresh(
      """
      INSERT OR REPLACE INTO ingests(
        file, offset, prefix_hash, lines, accepted, duplicates, conflicts, rejected)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """
    ).run(
      .text(file), Datum(offset), .integer(Int64(bitPattern: prefix)), Datum(lines),
      Datum(counts.accepted), Datum(counts.duplicates), Datum(counts.conflicts),
      Datum(counts.rejected))
  }

  /// Says that a file is finished.
  static func remove(for file: String, in connection: Connection) throws {
    try connection.prepareFresh("DELETE FROM ingests WHERE file = ?1").run(.text(file))
  }
}
