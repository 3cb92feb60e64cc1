import Definitions
import Delivery
import Membership
import SQLite

/// What the store holds about a destination that no file names any more.
public struct ForgottenDestination: Sendable {
  public let name: String
  public let extent: DestinationExtent
}

extension Session {
  /// What forgetting a destination would lose, without a change.
  ///
  /// - Throws: `OperationError` of kind `.usage` while a file names it, or when the store knows none of
  ///   that name.
  public func planForgetDestination(_ name: String) throws -> ForgottenDestination {
    try forgetDestination(name, isForReal: false)
  }

  /// Forgets the state of a destination whose file is gone: a file of that kind that comes later is sent
  /// everything.
  public func forgetDestination(_ name: String) throws -> ForgottenDestination {
    try forgetDestination(name, isForReal: true)
  }

  private func forgetDestination(_ name: String, isForReal: Bool) throws -> ForgottenDestination {
    let project = try project()
    return try onStore {
      let store = try open()
      let states = try gone(name, project, store.connection)
      guard isForReal else { return try Self.forgotten(name, states, store.connection) }
      let locks = try states.map { state in
        try LockFile(
          store: store.path, "send-\(state.id)", what: "sending to '\(name)' by another process",
          wait: wait)
      }
      defer { withExtendedLifetime(locks) {} }
      return try store.connection.transaction("forget") {
        let forgotten = try Self.forgotten(name, states, store.connection)
        for state in states {
          try state.forgetModels(store.connection)
          try state.forget(store.connection)
        }
        return forgotten
      }
    }
  }

  /// The states of a name that no file has. There are several after what the file said has changed.
  private func gone(
    _ name: String, _ project: Project, _ connection: Connection
  ) throws -> [DestinationState] {
    let gone = try DestinationState.vanished(project.destinations, connection)
    let states = gone.filter { $0.name == name }
    // A file that talks to something else may do so for this one call, out of the environment.
    let isThere = project.destinations.contains { $0.name == name }
    guard states.isEmpty || isThere else { return states }
    throw OperationError(
      .usage,
      isThere
        ? "the destination '\(name)' has a file"
        : "the store knows no destination '\(name)' whose file is gone",
      help: isThere
        ? "remove '\(name).destination' from '\(folder)' first"
        : Suggestion.help(for: name, in: gone.map(\.name)))
  }

  private static func forgotten(
    _ name: String, _ states: [DestinationState], _ connection: Connection
  ) throws -> ForgottenDestination {
    ForgottenDestination(
      name: name,
      extent: try states.reduce(DestinationExtent()) { try $0 + $1.extent(connection) })
  }
}

extension DestinationState {
  /// The destinations that the store knows and that no file talks to: they are paused.
  static func vanished(
    _ destinations: [DestinationDefinition], _ connection: Connection
  ) throws -> [DestinationState] {
    let known = try destinations.compactMap { definition in
      try definition.fingerprint.flatMap { try find($0, definition.name, connection) }?.id
    }
    // What a file without an app id would talk to, nobody knows.
    let unclear = destinations.filter { $0.fingerprint == nil }.map(\.name)
    return try all(connection).filter { !known.contains($0.id) && !unclear.contains($0.name) }
  }
}
