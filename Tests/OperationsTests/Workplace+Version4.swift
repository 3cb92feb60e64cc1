import Membership
import SQLite

@testable import Operations

extension Workplace {
  /// Puts a store of version 4 with the same content in the place of this one, which has no parts of
  /// histories.
  func makeVersion4() throws {
    let path = session.storePath + ".4"
    let old = try Connection(path: path, mode: .create)
    try Migration(
      applicationID: Store.migration.applicationID,
      scripts: Array(Store.migration.scripts.prefix(4))
    ).apply(to: old, readOnly: false)
    try old.execute("PRAGMA foreign_keys = OFF")
    try old.run("ATTACH ? AS new", .init(session.storePath))
    let tables = try old.prepareFresh(
      "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).all { $0.text(0) }
    // First all are empty, then full: triggers write to some of them.
    for table in tables { try old.execute("DELETE FROM main.\(table)") }
    for table in tables where table != "standings" {
      let columns = try old.prepareFresh("SELECT name FROM pragma_table_info('\(table)')")
        .all { $0.text(0) }.joined(separator: ", ")
      try old.execute(
        "INSERT OR REPLACE INTO main.\(table)(\(columns)) SELECT \(columns) FROM new.\(table)")
    }
    let new = try Connection(path: session.storePath, mode: .readOnly)
    var standings = try Standings(new)
    for profile in try Standings.profiles(new) {
      let standing = try standings.standing(of: profile)
      try old.run(
        "INSERT INTO main.standings(profile, next, outcome) VALUES (?, ?, ?)", .init(profile),
        standing.next == .never ? .null : .init(standing.next.milliseconds),
        .blob(standing.outcome))
    }
    try old.execute("DETACH new; PRAGMA wal_checkpoint(TRUNCATE)")
    try replaceStore(with: path)
  }
}
