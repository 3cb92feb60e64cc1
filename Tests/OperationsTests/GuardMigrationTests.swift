import Foundation
import SQLite
import Scratch
import Testing
import Values

@testable import Operations

struct GuardMigrationTests {
  @Test("a store of version 2 keeps what was acknowledged, as approved, and its runs are counted")
  func version2() throws {
    let path = Scratch.folder("version-2").path + ".sqlite"
    defer {
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }
    let old = try Connection(path: path, mode: .create)
    try Migration(
      applicationID: Store.migration.applicationID,
      scripts: Array(Store.migration.scripts.prefix(2))
    ).apply(to: old, readOnly: false)
    try old.execute(
      """
      INSERT INTO definitions(id, key, kind, name, query, default_value, is_enabled, epoch) VALUES
        (1, 'vip', 'audience', 'VIP', '', NULL, 1, 1), (2, 'orders', 'trait', 'Orders', '', '0', 1, 2);
      INSERT INTO destinations(id, fingerprint, name) VALUES (1, 'heap', 'heap');
      INSERT INTO acknowledged(destination, identity, definition, value, in_doubt) VALUES
        (1, 'ann', 1, '"true"', 0), (1, 'bob', 1, '"true"', 1), (1, 'cai', 1, '"false"', 0),
        (1, 'dot', 1, NULL, 1), (1, 'ann', 2, '3', 0), (1, 'bob', 2, '0', 0);
      INSERT INTO runs(at, kind, watermark, evaluated, entered, left, changed) VALUES
        (1, 'full', 0, 9, 0, 0, 0), (2, 'tick', 0, 3, 0, 0, 0);
      """)
    let migrated = try Store(path: path, wait: .zero).connection
    #expect(
      try migrated.prepareFresh("SELECT definition, members, baseline FROM guards")
        .all { [$0.int(0), $0.int(1), $0.int(2)] } == [[1, 2, 2], [2, 1, 1]])
    #expect(
      try migrated.prepareFresh("SELECT runs, evaluated, duration IS NULL FROM run_meter")
        .all { [$0.int(0), $0.int(1), $0.int(2)] } == [[2, 12, 1]])
    try migrated.execute(
      "UPDATE acknowledged SET value = '\"true\"', in_doubt = 0 WHERE identity = 'dot'")
    #expect(
      try migrated.prepareFresh("SELECT members, delivered FROM guards WHERE definition = 1")
        .all { [$0.int(0), $0.int(1)] } == [[3, 1]])
  }
}
