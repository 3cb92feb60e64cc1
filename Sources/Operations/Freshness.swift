import Definitions
import Membership
import SQLite
import Values

/// When a definition's values were last right, and whether that is too long ago.
///
/// At a destination they are right as of the last run after which nothing of the definition was pending
/// there; where there is no destination, as of the last run.
public struct Freshness: Sendable, Equatable {
  /// At all destinations; nil: never yet.
  public let lastRight: Instant?
  /// Whether that is longer ago than twice the cadence. Never without a cadence.
  public let isStale: Bool

  /// How many cadences old a value may be.
  public static let tolerance: Int64 = 2
}

/// What the freshness of definitions is found from.
struct FreshnessLedger {
  /// One destination's instants, by definition.
  struct Place {
    let id: Int64
    let cadence: Duration?
    let instants: [Int64: (right: Instant?, met: Instant?)]
  }

  let places: [Place]
  private let lastRun: Instant?
  private let serviceCadence: Duration?
  private let now: Instant

  /// - Parameter destinations: those that have a file and a state.
  init(
    _ destinations: [(definition: DestinationDefinition, state: DestinationState)],
    _ connection: Connection, now: Instant
  ) throws {
    self.now = now
    lastRun = try RunLog(connection).last()?.at
    let service = try Meters(connection).cadence()
    serviceCadence = service
    places = try destinations.map { definition, state in
      var instants: [Int64: (right: Instant?, met: Instant?)] = [:]
      try connection.prepare(
        "SELECT definition, right_at, met_at FROM guards WHERE destination = ?"
      ).forEach(.init(state.id)) { row in
        instants[row.int(0)] = (
          row.optionalInt(1).map { Instant(milliseconds: $0) },
          row.optionalInt(2).map { Instant(milliseconds: $0) }
        )
      }
      // A batch goes with a run at the earliest, and at its own cadence.
      let cadence = [definition.every, service].compactMap { $0 }.max()
      return Place(id: state.id, cadence: cadence, instants: instants)
    }
  }

  /// When a definition was last right at one place; nil: never yet.
  func lastRight(_ definition: Int64, at place: Place) -> Instant? {
    place.instants[definition]?.right
  }

  func freshness(of definition: Int64) -> Freshness {
    guard !places.isEmpty else {
      return Freshness(lastRight: lastRun, isStale: isOld(lastRun, serviceCadence))
    }
    let rights = places.map { lastRight(definition, at: $0) }
    let isStale = places.contains { place in
      isOld(lastRight(definition, at: place) ?? place.instants[definition]?.met, place.cadence)
    }
    return Freshness(
      lastRight: rights.contains(nil) ? nil : rights.compactMap { $0 }.min(), isStale: isStale)
  }

  private func isOld(_ instant: Instant?, _ cadence: Duration?) -> Bool {
    guard let instant, let cadence else { return false }
    return (now - instant).milliseconds > Freshness.tolerance * cadence.milliseconds
  }
}
