import Definitions
import Foundation
import SQLite
import Testing
import Values

@testable import Models

/// What a model's SELECT may do, and what it may not.
@Suite struct RestrictionTests {
  @Test(
    "functions that depend on more than their arguments are refused",
    arguments: [
      "random()", "hex(randomblob(4))", "CURRENT_TIMESTAMP", "current_date", "CURRENT_TIME",
      "load_extension('x')", "last_insert_rowid()", "changes()", "sqlite_version()",
      "zeroblob(1000000000)",
    ])
  func functions(_ call: String) throws {
    let bench = try Bench()
    guard case .mistake(.function(let name)) = try bench.failure("SELECT 'a' AS id, \(call) AS x")
    else {
      Issue.record("\(call) is allowed")
      return
    }
    #expect(call.lowercased().contains(name))
  }

  @Test(
    "the clock is refused however it is asked",
    arguments: [
      "date('now')", "strftime('%s', 'now')", "datetime('n' || 'ow')", "julianday()", "unixepoch()",
      "time('NOW', '+1 day')", "strftime('%Y')", "date(x.w)",
      "(SELECT date(w) FROM (SELECT 'now' AS w))",
    ])
  func clock(_ call: String) throws {
    let bench = try Bench()
    #expect(
      try bench.failure("SELECT 'a' AS id, \(call) AS x FROM (SELECT 'now' AS w) AS x")
        == .mistake(.clock))
  }

  @Test("dates of given instants are worked out, on whichever connection, and the clock comes back")
  func dates() throws {
    let bench = try Bench()
    let rows = try bench.rows("SELECT 'a' AS id, datetime(:now, '+1 day') AS x, :now AS n")
    #expect(
      rows.rows.first?.values
        == [.string("1970-01-02 00:00:01"), .string("1970-01-01T00:00:01.000Z")])
    #expect(try bench.list("SELECT date('now') > '2020'") == ["1"])
  }

  @Test(
    "tables of the store and others are refused",
    arguments: [
      ("events", "events"), ("main.events", "events"), ("identities", "identities"),
      ("sqlite_schema", "sqlite_schema"),
      ("(SELECT count(*) FROM definitions)", "definitions"),
      ("(SELECT body FROM events) AS users", "events"),
      ("users WHERE EXISTS (SELECT 1 FROM acknowledged)", "acknowledged"),
      ("users AS u, events AS e WHERE e.body > ''", "events"),
      ("(SELECT e.body FROM users AS u, events AS e) AS users", "events"),
      ("(WITH v AS (SELECT e.body FROM users AS u, events AS e) SELECT body FROM v)", "events"),
    ])
  func tables(_ table: String, _ name: String) throws {
    #expect(
      try Bench().failure("SELECT 'a' AS id, 1 AS x FROM \(table)") == .mistake(.table(name)))
  }

  @Test("the documented views are read, alone and together, and JSON's tables")
  func views() throws {
    let bench = try Bench()
    for view in ModelDefinition.views {
      #expect(try bench.failure("SELECT 'a' AS id, count(*) AS x FROM \(view)") == nil, "\(view)")
      #expect(try bench.failure("SELECT 'a' AS id, v.* FROM \(view) AS v") == nil, "\(view)")
    }
    let rows = try bench.rows(
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
      SELECT i AS id, value AS v FROM n, json_each('[7]') LEFT JOIN users ON users.user_id = i
      """)
    #expect(rows.rows.map(\.identity) == ["1", "2", "3"])
  }

  @Test("columns of the views are what the documentation says")
  func columns() throws {
    let bench = try Bench()
    func columns(_ view: String) throws -> [String] {
      try bench.list("SELECT name FROM pragma_table_info('\(view)')")
    }
    #expect(
      try columns("event_log") == [
        "seq", "type", "event", "user_id", "anonymous_id", "account_id", "message_id", "timestamp",
        "properties", "traits", "context", "canonical_user_id",
      ])
    #expect(try columns("users") == ["user_id", "first_seen"])
    #expect(try columns("accounts") == ["account_id", "first_seen", "users"])
    #expect(try columns("canonical_ids") == ["kind", "id", "canonical_user_id"])
    #expect(
      try columns("memberships") == [
        "definition", "kind", "user_id", "anonymous_id", "account_id", "value", "since",
      ])
  }

  @Test(
    "a model only reads",
    arguments: [
      "DELETE FROM users", "INSERT INTO events(seq) VALUES (1)", "UPDATE events SET seq = 1",
      "PRAGMA user_version", "PRAGMA writable_schema = 1",
      "SELECT name AS id FROM pragma_table_list", "ATTACH 'x.sqlite' AS x", "VACUUM",
      "CREATE TABLE t(a)", "DROP VIEW users", "BEGIN", "SAVEPOINT a", "ANALYZE",
      "CREATE TEMP TABLE t AS SELECT 1 AS id",
      "WITH a AS (SELECT 1) DELETE FROM events RETURNING seq AS id",
    ])
  func readsOnly(_ sql: String) throws {
    let bench = try Bench()
    let before = try bench.list("SELECT name FROM sqlite_schema ORDER BY name")
    let failure = try #require(try bench.failure(sql))
    guard case .mistake(let mistake) = failure else {
      Issue.record("\(failure)")
      return
    }
    switch mistake {
    case .action, .noRows, .table, .refused: break
    default: Issue.record("\(mistake)")
    }
    #expect(try bench.list("SELECT name FROM sqlite_schema ORDER BY name") == before)
  }

  @Test("a model is one SELECT, with no parameter but the instant")
  func form() throws {
    let bench = try Bench()
    #expect(try bench.failure("SELECT 'a' AS id; ;-- the end\n") == nil)
    #expect(
      try bench.failure("SELECT 'a' AS id;\n SELECT 2") == .mistake(.secondStatement(offset: 19)))
    #expect(
      try bench.failure("SELECT 'a' AS id; ;;\nSELECT 2")
        == .mistake(.secondStatement(offset: 18)))
    #expect(try bench.failure("SELECT :then AS id") == .mistake(.parameter(":then")))
    #expect(try bench.failure("SELECT ? AS id") == .mistake(.parameter("?")))
    #expect(
      try bench.failure("SELECT user_ AS id FROM users")
        == .mistake(.refused(message: "no such column: user_", offset: 7)))
  }

  @Test("a model that does not end is ended")
  func time() throws {
    let bench = try Bench()
    var query = ModelQuery(
      try Bench.model(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS id FROM n",
        "object: user\nidentity: id\ntime_limit: 7s"))
    var seconds = 0.0
    query.seconds = {
      seconds += 1
      return seconds
    }
    #expect(throws: ModelFailure.overdue(Duration(7, .second)!)) {
      _ = try ModelRows(query, bench.connection, at: Instant(milliseconds: 0))
    }
    #expect(seconds > 7)
    // The connection is as it was.
    #expect(try bench.list("SELECT count(*) FROM events") == ["0"])
  }

  @Test("a failure in the middle says nothing of a row")
  func failures() throws {
    let bench = try Bench()
    #expect(
      try bench.failure("SELECT json_extract('{}', v) AS id FROM (SELECT 'secret' AS v)")
        == .failed("SQLite's code 1"))
    #expect(
      try bench.failure(
        "SELECT sum(v) AS id FROM (SELECT 9223372036854775807 AS v UNION ALL SELECT 1)")
        == .failed("integer overflow"))
  }
}
