import SQLite
import Values

@testable import Membership
@testable import Operations

extension Workplace {
  /// Puts a store of an earlier version, from 4 on, with the same content in the place of this one. Of histories
  /// it has no parts.
  func makeVersion(_ version: Int) throws {
    let path = session.storePath + ".old"
    let old = try Connection(path: path, mode: .create)
    try Migration(
      applicationID: Store.migration.applicationID,
      scripts: Array(Store.migration.scripts.prefix(version))
    ).apply(to: old, readOnly: false)
    try old.execute("PRAGMA foreign_keys = OFF")
    try old.run("ATTACH ? AS new", .init(session.storePath))
    let tables = try old.prepareFresh(
      "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).all { $0.text(0) }
    // First all are empty, then full: triggers write to some of them.
    for table in tables { try old.execute("DELETE FROM main.\(table)") }
    let known = try old.prepareFresh("SELECT name FROM new.sqlite_schema").all { $0.text(0) }
    for table in tables where table != "standings" && known.contains(table) {
      let columns = try old.prepareFresh("SELECT name FROM pragma_table_info('\(table)', 'main')")
        .all { $0.text(0) }.joined(separator: ", ")
      try old.execute(
        "INSERT OR REPLACE INTO main.\(table)(\(columns)) SELECT \(columns) FROM new.\(table)")
    }
    try old.execute("DETACH new")
    let standings = try StandingStore(Connection(path: session.storePath, mode: .readOnly))
      .contents()
    try (version < 6 ? old.addRows : old.addBlocks)(standings)
    try old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try replaceStore(with: path)
  }
}

extension Connection {
  /// Adds standings as version 5 kept them.
  func addRows(_ standings: [Int64: Standing]) throws {
    for (profile, standing) in standings {
      try run(
        "INSERT INTO standings(profile, next, outcome) VALUES (?, ?, ?)", .init(profile),
        standing.next.datum, .blob(standing.outcome))
    }
  }

  /// Adds standings as versions 6 and 7 kept them.
  func addBlocks(_ standings: [Int64: Standing]) throws {
    var blocks: [Int64: StandingBlock] = [:]
    for (profile, standing) in standings {
      let number = StandingBlock.number(of: profile)
      try blocks[number, default: StandingBlock(number)].put(standing, of: profile)
    }
    for block in blocks.values {
      try run(
        "INSERT INTO standings(block, wake, data) VALUES (?, ?, ?)", .init(block.number),
        block.wake().datum, .blob(block.bytes))
    }
  }
}

extension Instant {
  /// NULL for never.
  fileprivate var datum: Datum { self == .never ? .null : .init(milliseconds) }
}
