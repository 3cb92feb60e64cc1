import Definitions
import Delivery
import EventStore
import Membership
import Models
import SQLite
import Testing
import Values

/// A store in memory with members of two definitions, and a destination that answers by a script.
final class Office {
  let connection: Connection
  private(set) var destination: DestinationDefinition
  private(set) var state: DestinationState
  /// Bodies as they came.
  let transport = ScriptedTransport()
  private(set) var waits: [Double] = []
  /// What the sender takes for the time.
  var seconds = 0.0

  init(
    booleans: DestinationDefinition.Booleans = .string,
    absent: DestinationDefinition.Absent = .empty,
    longValues: DestinationDefinition.LongValues = .truncate, accountProperty: String? = nil,
    identity: DestinationDefinition.Identity = .userID,
    pacing: DestinationDefinition.Pacing = .published
  ) throws {
    connection = try Connection(path: ":memory:", mode: .create)
    try connection.execute(Self.schema)
    try connection.execute(
      """
      INSERT INTO definitions(id, key, kind, name, query, default_value, is_enabled) VALUES
        (1, 'vip', 'audience', 'VIP', '', NULL, 1), (2, 'orders', 'trait', 'Orders', '', '0', 1),
        (3, 'city', 'trait', 'City', '', NULL, 1)
      """)
    destination = Self.destination(
      booleans, absent, longValues, accountProperty, identity, pacing)
    state = try Self.register(destination, connection)
  }

  static let schema =
    EventStoreSchema.version1 + EventStoreSchema.messagesVersion2
    + EventStoreSchema.historiesVersion2 + MembershipSchema.version1 + MembershipSchema.version2
    + EventStoreSchema.affiliationsVersion3 + DeliverySchema.version3
    + EventStoreSchema.canonicalVersion3 + ModelSchema.version3 + MeterSchema.version3
    + GuardSchema.version3 + MembershipSchema.wakesVersion5 + MembershipSchema.blocksVersion6
    + MembershipSchema.recentVersion8 + MembershipSchema.latestVersion9

  private static func destination(
    _ booleans: DestinationDefinition.Booleans, _ absent: DestinationDefinition.Absent,
    _ longValues: DestinationDefinition.LongValues, _ accountProperty: String?,
    _ identity: DestinationDefinition.Identity, _ pacing: DestinationDefinition.Pacing
  ) -> DestinationDefinition {
    DestinationDefinition(
      name: "heap", target: .heap(appID: "11", url: "http://127.0.0.1"), identity: identity,
      booleans: booleans, absent: absent, longValues: longValues,
      accountProperty: accountProperty, pacing: pacing, path: "heap.destination")
  }

  private static func register(
    _ destination: DestinationDefinition, _ connection: Connection
  ) throws -> DestinationState {
    try #require(
      try connection.transaction("register") {
        guard let state = try DestinationState.register(destination, connection) else { return nil }
        try EncodingChange.adoptHarmless(connection, state, destination)
        return state
      })
  }

  /// Edits the destination's file.
  func edit(
    booleans: DestinationDefinition.Booleans = .string,
    absent: DestinationDefinition.Absent = .empty, accountProperty: String? = nil
  ) throws {
    destination = Self.destination(
      booleans, absent, destination.longValues, accountProperty, destination.identity,
      destination.pacing)
    state = try Self.register(destination, connection)
  }

  /// Adds an identity of a kind, unless it is there.
  func add(_ profile: Int64, _ kind: ObjectKind, name: String? = nil) throws {
    try connection.run(
      "INSERT OR IGNORE INTO identities(id, kind, external_id) VALUES (?, ?, ?)", .init(profile),
      .init(kind.rawValue), .init(name ?? "\(kind)-\(profile)"))
  }

  /// Sets or removes a value of the snapshot and notes that it changed.
  func set(
    _ user: Int64, _ definition: Int64, _ value: String?, name: String? = nil,
    kind: ObjectKind = .user
  ) throws {
    try add(user, kind, name: name)
    if let value {
      try connection.run(
        "INSERT OR REPLACE INTO recent_members VALUES (?, ?, ?, 0)", .init(user), .init(definition),
        .init(value))
    } else {
      try connection.run(
        "DELETE FROM recent_members WHERE profile = ? AND definition = ?", .init(user),
        .init(definition))
    }
    try connection.run(
      "INSERT OR IGNORE INTO pending VALUES (?, ?, ?, ?)", .init(state.id), .init(kind.rawValue),
      .init(user), .init(definition))
  }

  @discardableResult
  func send(
    attempts: Int = 3, retriesQuarantined: Bool = false, patience: Double = 300,
    seed: UInt64? = nil
  ) throws -> Sender.Report {
    var sender = Sender(
      connection, state, destination, transport, at: Instant(milliseconds: 1_000_000))
    sender.policy.attempts = attempts
    sender.policy.patience = patience
    if let seed { sender.random = SeededRandom(seed: seed) }
    sender.clock = SenderClock(
      now: { [self] in seconds },
      wait: { [self] in
        waits.append($0)
        seconds += $0
      })
    return try sender.send(retriesQuarantined: retriesQuarantined)
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
  /// Called before each answer.
  var meanwhile: () -> Void = {}
  private(set) var requests: [Request] = []

  var bodies: [String] { requests.map(\.body) }

  func send(_ request: Request) -> Answer {
    requests.append(request)
    meanwhile()
    if let answer = judge?(request.body) { return answer }
    return answers.isEmpty ? .accepted : answers.removeFirst()
  }
}
