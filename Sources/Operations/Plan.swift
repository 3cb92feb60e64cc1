import Definitions
import Membership
import SQLite
import Values

/// What a run at the same instant would do.
public struct PlanReport: Sendable {
  public let at: Instant
  public let kind: RunLog.Kind
  /// How many profiles would be evaluated.
  public let evaluated: Int
  public let definitions: [PlannedDefinition]
  public let destinations: [DestinationReport]

  public var requests: Int { destinations.reduce(0) { $0 + $1.requests } }
  /// Changes that would wait for somebody's approval, over all destinations.
  public var held: Int { destinations.reduce(0) { $0 + $1.held } }
  /// Users who would be held for want of an identity of their own, over all destinations.
  public var heldUsers: Int { destinations.reduce(0) { $0 + $1.heldUsers } }
}

extension Session {
  /// Calls the roll, counts what would be sent, and takes everything back.
  public func plan(isFull: Bool = false) throws -> PlanReport {
    let project = try projectWithIdentities()
    let now = now
    return try onStore {
      let store = try open()
      let lock = try LockFile(store: store.path, "run", what: "another run", wait: wait)
      defer { withExtendedLifetime(lock) {} }
      var options = RollCall.Options(at: now, guardPost: guardPost(project), path: store.path)
      options.isFull = isFull
      // What is settled here would be taken back.
      options.recentLimit = RecentLimit(count: .max, latest: .max)
      options.progress = { progress("calling the roll", $0, $1) }
      options.packingProgress = { progress("packing histories", $0, $1) }
      options.foldingProgress = { progress("folding histories", $0, $1) }
      options.packed = try RollCall.prepare(store.connection, options, isForReal: false)
      return try store.connection.rehearsal {
        let roll = try RollCall.call(store.connection, project, options)
        let models = ModelRun(project.models, at: now) { store.connection }
        let destinations = try roll.destinations.indices.map { place in
          let destination = roll.destinations[place]
          var report = try DeliveryOperation.rehearse(
            destination.definition, destination.state, at: now, store.connection, models)
          report.holds = roll.holds[place]
          report.audienceEvents?.tally = roll.audienceEvents[place]
          return report
        }
        return PlanReport(
          at: now, kind: roll.run.kind, evaluated: roll.run.evaluated,
          definitions: try planned(roll, store.connection), destinations: destinations)
      }
    }
  }
}
