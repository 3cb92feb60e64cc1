import Definitions
import Delivery
import Membership
import SQLite
import Values

/// How much a destination would be sent again.
public struct ResyncReport: Sendable, Equatable {
  public let destination: String
  /// The key of one definition or model; nil for all.
  public let key: String?
  /// Identities of users.
  public let users: Int
  public let accounts: Int
  /// Events of models that were pending anyway: none is sent again.
  public let events: Int
  /// Values and events.
  public let values: Int
  public let requests: Int
  /// Changes that the guard holds, and that stay behind.
  public let held: Int
}

extension Session {
  /// What a resync would send, without a request and without a change.
  ///
  /// - Throws: `OperationError` of kind `.usage` for a destination or a key that there is not.
  public func planResync(_ name: String, _ key: String?) throws -> ResyncReport {
    try resync(name, key) { connection, body in try connection.rehearsal(body) }
  }

  /// Puts everything in doubt that a destination was told, so that the next send tells it again.
  ///
  /// - Returns: how much that is.
  public func resync(_ name: String, _ key: String?) throws -> ResyncReport {
    try resync(name, key) { connection, body in try connection.transaction("resync", body) }
  }

  private func resync(
    _ name: String, _ key: String?,
    _ transaction: (Connection, () throws -> ResyncReport) throws -> ResyncReport
  ) throws -> ResyncReport {
    let project = try project()
    let definition = try project.destination(name)
    if let key { try project.expectResyncable(key) }
    if let problem = DeliveryOperation.problem(definition) {
      throw OperationError(.wrong, "the destination '\(name)' cannot be talked to: \(problem)")
    }
    return try onStore {
      let connection = try open().connection
      guard let fingerprint = definition.fingerprint,
        let state = try DestinationState.find(fingerprint, name, connection)
      else {
        throw OperationError(
          .usage, "the destination '\(name)' was told nothing yet",
          help: "run 'rollcall run': the first time everything is sent")
      }
      return try transaction(connection) {
        try state.doubt(key, connection)
        try state.doubtModels(key, connection)
        let holds = try guardPost(project).inspect(definition, state, at: now, connection)
        return try Self.extent(definition, state, key, holds, connection)
      }
    }
  }

  private static func extent(
    _ definition: DestinationDefinition, _ state: DestinationState, _ key: String?,
    _ holds: [GuardLedger.Hold], _ connection: Connection
  ) throws -> ResyncReport {
    let outbox = Outbox(connection, state, definition)
    // A user may be in several batches, and in those of models, too.
    let owed = try ModelOutbox.recipients(connection, state, definition)
    var users = Set(owed.users.map { ExactString($0) })
    var accounts = Set(owed.accounts.map { ExactString($0) })
    var (values, requests) = try ModelOutbox.forecast(connection, state, definition)
    var place: Outbox.Place? = .start
    while let start = place {
      let batch = try outbox.batch(after: start)
      let identities = (batch.items + batch.suspects).lazy.map { ExactString($0.identity) }
      if batch.kind == .account {
        accounts.formUnion(identities)
      } else {
        users.formUnion(identities)
      }
      values += batch.census.values
      requests += batch.requestCount
      place = batch.end
    }
    return ResyncReport(
      destination: definition.name, key: key, users: users.count, accounts: accounts.count,
      events: owed.events, values: values, requests: requests,
      held: holds.reduce(0) { $0 + $1.changes })
  }
}

extension Project {
  /// Refuses a key of which nothing can be told again.
  fileprivate func expectResyncable(_ key: String) throws {
    guard let model = models.first(where: { $0.key == key }) else {
      _ = try definition(key)
      return
    }
    guard model.object == .event else { return }
    throw OperationError(
      .usage, "'\(key)' is a model of events, and each event is sent once",
      help: "give the model another 'key:' to send all its events again")
  }

  /// The destination of a name, or an error that names the nearest one.
  public func destination(_ name: String) throws -> DestinationDefinition {
    if let destination = destinations.first(where: { $0.name == name }) { return destination }
    let names = destinations.map(\.name)
    throw OperationError(
      .usage, "there is no destination '\(name)'",
      help: Suggestion.help(for: name, in: names)
        ?? (names.isEmpty
          ? "the folder holds no destination"
          : "the destinations are \(names.joined(separator: ", "))"))
  }
}
