import Definitions
import Delivery
import Membership
import SQLite
import Values

/// An audience, and the stretches of its past that a destination is to be told.
struct PastTarget {
  var target: AudienceEventTarget
  let ranges: [Range<Int64>]
  /// Profiles up to this one are done.
  let place: Int64
  /// Whether nothing of it was begun before.
  let isNew: Bool

  /// What of a range is to be told: what no destination's runs and no backfill before have told, and what a
  /// backfill has begun and not finished.
  ///
  /// - Throws: `OperationError` of kind `.usage` where no run has begun to tell, or a gap would be left.
  static func all(
    _ options: BackfillOptions, _ chosen: [Definition], _ project: Project,
    _ connection: Connection
  ) throws -> [PastTarget] {
    let destinations = project.destinations.filter { $0.events == .on }
    guard !destinations.isEmpty else {
      throw OperationError(
        .usage, "no destination is told of entries and exits",
        help: "write 'events: on' in a destination's file")
    }
    let places = project.audiencesWithEvents.filter { place in
      chosen.contains { $0.key == project.definitions[place].key }
    }
    guard !places.isEmpty else {
      throw OperationError(
        .usage, "none of the definitions is an audience of users",
        help: "traits, and audiences of accounts, have no entries and exits to be sent")
    }
    let last = try RunLog(connection).last()
    var all: [PastTarget] = []
    for (row, destination) in destinations.enumerated() {
      if let problem = DeliveryOperation.problem(destination) {
        throw OperationError(.usage, "nothing can be sent to '\(destination.name)': \(problem)")
      }
      let state = try destination.fingerprint.flatMap {
        try DestinationState.find($0, destination.name, connection)
      }
      for place in places {
        let definition = project.definitions[place]
        guard let state, let last,
          let number = try id(of: definition, connection)
        else { throw notBegun(definition.key, destination.name) }
        let target = AudienceEventTarget(
          place: row, destination: state.id, definition: number, definitionPlace: place,
          key: definition.key, fingerprint: project.eventFingerprint(definition),
          stretches: try EventRanges(connection, destination: state.id).stretches(of: number))
        all += try of(target, options, destination.name, last)
      }
    }
    return all
  }

  private static func id(
    of definition: Definition, _ connection: Connection
  ) throws -> Int64? {
    try connection.prepare("SELECT id FROM definitions WHERE key = ? AND NOT is_removed")
      .first(.init(definition.key)) { $0.int(0) }
  }

  private static func of(
    _ target: AudienceEventTarget, _ options: BackfillOptions, _ name: String, _ last: RunLog.Run
  ) throws -> [PastTarget] {
    guard let live = target.live, live.run == last.id else { throw notBegun(target.key, name) }
    guard live.fingerprint == target.fingerprint else {
      throw OperationError(
        .usage, "'\(target.key)' was edited since the last run",
        help: "its events begin anew with the next one: call 'rollcall run' first")
    }
    let begin = Instant(milliseconds: live.range.lowerBound - 1)
    guard options.to >= begin else {
      throw OperationError(
        .usage,
        "'\(name)' is told of '\(target.key)' since \(begin), and a range that ends at "
          + "\(options.to) would leave a gap",
        help: "end it with '--to \(begin)', or later")
    }
    var parts: [PastTarget] = []
    let begun = target.stretches.filter {
      $0.place != nil && $0.fingerprint == target.fingerprint
    }
    for (place, stretches) in Dictionary(grouping: begun, by: { $0.place ?? 0 }) {
      parts.append(
        PastTarget(
          target: target, ranges: stretches.map(\.range), place: place, isNew: false))
    }
    let from = options.from.milliseconds
    guard from < live.range.lowerBound else { return parts }
    let untold = (from..<live.range.lowerBound).subtracting(target.stretches.map(\.range))
    parts.append(PastTarget(target: target, ranges: untold, place: 0, isNew: true))
    return parts
  }

  private static func notBegun(_ key: String, _ name: String) -> OperationError {
    OperationError(
      .usage, "no run has begun to tell '\(name)' of '\(key)'",
      help: "'rollcall run' begins with what is to come; then the past can be sent")
  }
}
