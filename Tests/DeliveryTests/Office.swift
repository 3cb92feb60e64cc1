import Definitions
import Delivery
import EventStore
import Membership
import SQLite
import Testing
import Values

/// A store in memory with members of two definitions, and a destination that answers by a script.
final class Office {
  let connection: Connection
  let destination: DestinationDefinition
  let state: DestinationState
  /// Bodies as they came.
  let transport = ScriptedTransport()
  private(set) var waits: [Double] = []

  init(
    booleans: DestinationDefinition.Booleans = .string,
    absent: DestinationDefinition.Absent = .empty
  ) throws {
    connection = try Connection(path: ":memory:", mode: .create)
    try connection.execute(
      EventStoreSchema.version1 + MembershipSchema.version1 + MembershipSchema.version2
        + MeterSchema.version3 + GuardSchema.version3)
    try connection.execute(
      """
      INSERT INTO definitions(id, key, kind, name, query, default_value, is_enabled) VALUES
        (1, 'vip', 'audience', 'VIP', '', NULL, 1), (2, 'orders', 'trait', 'Orders', '', '0', 1),
        (3, 'city', 'trait', 'City', '', NULL, 1)
      """)
    let destination = DestinationDefinition(
      name: "heap", target: .heap(appID: "11", url: "http://127.0.0.1"), booleans: booleans,
      absent: absent, path: "heap.destination")
    self.destination = destination
    let connection = connection
    state = try #require(
      try connection.transaction("register") {
        try DestinationState.register(destination, connection)
      })
  }

  /// Sets or removes a value of the snapshot and notes that it changed.
  func set(_ user: Int64, _ definition: Int64, _ value: String?, name: String? = nil) throws {
    try connection.run(
      "INSERT OR IGNORE INTO identities(id, kind, external_id) VALUES (?, 0, ?)", .init(user),
      .init(name ?? "user-\(user)"))
    if let value {
      try connection.run(
        "INSERT OR REPLACE INTO members VALUES (?, ?, ?, 0)", .init(user), .init(definition),
        .init(value))
    } else {
      try connection.run(
        "DELETE FROM members WHERE profile = ? AND definition = ?", .init(user),
        .init(definition))
    }
    try connection.run(
      "INSERT OR IGNORE INTO pending VALUES (?, ?, ?)", .init(state.id), .init(user),
      .init(definition))
  }

  @discardableResult
  func send(attempts: Int = 3) throws -> Sender.Report {
    var sender = Sender(
      connection, state, destination, transport, at: Instant(milliseconds: 1_000_000))
    sender.policy.attempts = attempts
    sender.wait = { [self] in waits.append($0) }
    return try sender.send()
  }

  var outbox: Outbox { Outbox(connection, state, destination) }

  func count(_ table: String, where condition: String = "true") throws -> Int {
    try connection.prepareFresh("SELECT count(*) FROM \(table) WHERE \(condition)")
      .first { Int($0.int(0)) } ?? 0
  }
}

/// Answers in the order of the script, and accepts when that is at its end.
final class ScriptedTransport: Transport {
  var answers: [Answer] = []
  /// Decides by the body, before the script.
  var judge: ((String) -> Answer?)?
  private(set) var bodies: [String] = []

  func send(_ body: String) -> Answer {
    bodies.append(body)
    if let answer = judge?(body) { return answer }
    return answers.isEmpty ? .accepted : answers.removeFirst()
  }
}
