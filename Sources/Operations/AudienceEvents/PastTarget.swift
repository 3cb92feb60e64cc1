import Definitions
import Delivery
import Membership
import SQLite
import Values

/// An audience, and the stretches of its past that a destination is to be told.
struct PastTarget {
  var target: AudienceEventTarget
  private(set) var ranges: [Range<Int64>]
  /// Those of them that are begun now.
  private(set) var begun: [Range<Int64>] = []
  /// Profiles up to this one are done.
  let place: Int64

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

  /// One for each audience at each destination, with all its stretches.
  static func merged(_ targets: [PastTarget]) -> [PastTarget] {
    var merged: [PastTarget] = []
    for target in targets {
      let same = merged.firstIndex {
        $0.target.destination == target.target.destination
          && $0.target.definition == target.target.definition
      }
      if let same {
        merged[same].ranges = (merged[same].ranges + target.ranges)
          .sorted { $0.lowerBound < $1.lowerBound }
      } else {
        merged.append(target)
      }
    }
    return merged
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
    let unfinished = target.stretches.filter {
      $0.place != nil && $0.fingerprint == target.fingerprint
    }
    var parts = Dictionary(grouping: unfinished) { $0.place ?? 0 }.mapValues { stretches in
      PastTarget(
        target: target, ranges: stretches.map(\.range), place: stretches[0].place ?? 0)
    }
    let from = options.from.milliseconds
    if from < live.range.lowerBound {
      let untold = (from..<live.range.lowerBound).subtracting(target.stretches.map(\.range))
      var part = parts[0] ?? PastTarget(target: target, ranges: [], place: 0)
      part.ranges = (part.ranges + untold).sorted { $0.lowerBound < $1.lowerBound }
      part.begun = untold
      parts[0] = part
    }
    // A report has a row for each, though there be nothing to tell.
    if parts.isEmpty { parts[0] = PastTarget(target: target, ranges: [], place: 0) }
    return parts.values.sorted { $0.place > $1.place }
  }

  private static func notBegun(_ key: String, _ name: String) -> OperationError {
    OperationError(
      .usage, "no run has begun to tell '\(name)' of '\(key)'",
      help: "'rollcall run' begins with what is to come; then the past can be sent")
  }
}
