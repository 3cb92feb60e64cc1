/// One thing to measure.
struct Case: Sendable {
  enum Work: Sendable, Hashable {
    /// All calls from one file into a new store.
    case ingest
    /// The first run over everybody, which writes every member.
    case firstRun
    /// A full run an hour after the run before it.
    case fullRun(definitions: Int)
    /// A tick a second after the run before it, with an event each of so many users.
    case tick(changed: Int)
    /// A tick an hour later without any event.
    case quietHour
    /// A tick with one definition more.
    case definitionAdded
    /// The members of the largest audience as lines.
    case export
    /// The last tenth of the calls in batches of ten lines or more, each followed by a tick.
    case batches(count: Int)
    /// Ticks over stores of a tenth, three tenths and all of the calls.
    case scale(changed: Int)
    /// Hourly ticks for a week with events and for one without, beside full runs at the same instants.
    case weeks
    /// The first sync of an audience to a sandbox, and the next one when a hundredth has left it.
    case deliver
    /// The exact past of everybody over all days, beside a full run at one instant.
    case backfill
    /// The same for one user with so many events.
    case longProfile(events: Int)
  }

  let name: String
  let work: Work
  /// Which peers do the same.
  var peers: [PeerName] = []
  /// Whether a peer also does it for the users that it is told, besides for all.
  var told: [PeerName] = []

  /// In the order in which they run: each begins with what those before it left.
  static let all: [Case] = [
    Case(name: "ingest", work: .ingest),
    Case(name: "first-run", work: .firstRun),
    Case(name: "full-20", work: .fullRun(definitions: 20), peers: PeerName.allCases),
    Case(name: "tick-0", work: .tick(changed: 0)),
    Case(name: "tick-200", work: .tick(changed: 200), peers: quick, told: quick),
    Case(name: "tick-300", work: .tick(changed: 300), peers: quick, told: quick),
    // Before larger ticks, which the smaller stores do not have: all three were run in full, and had small ones.
    Case(name: "scale", work: .scale(changed: 200)),
    Case(name: "tick-1000", work: .tick(changed: 1000), peers: quick, told: quick),
    Case(name: "tick-10000", work: .tick(changed: 10_000), peers: quick, told: quick),
    Case(name: "tick-100000", work: .tick(changed: 100_000), peers: quick, told: quick),
    Case(name: "quiet-hour", work: .quietHour, peers: quick),
    Case(name: "export", work: .export),
    Case(name: "weeks", work: .weeks),
    Case(name: "definition-added", work: .definitionAdded),
    Case(name: "full-60", work: .fullRun(definitions: 60), peers: quick),
    Case(name: "full-200", work: .fullRun(definitions: 200), peers: quick),
    Case(name: "batches", work: .batches(count: 100)),
    Case(name: "deliver", work: .deliver),
    Case(name: "backfill", work: .backfill),
    Case(name: "long-profile", work: .longProfile(events: 10_000)),
  ]

  private static let quick: [PeerName] = [.duckdb, .chdb]
}

/// Another engine that does the same work.
enum PeerName: String, CaseIterable, Sendable {
  case duckdb, chdb, sqlite

  /// The worker's module.
  var module: String { self == .chdb ? "clickhouse" : rawValue }
}
