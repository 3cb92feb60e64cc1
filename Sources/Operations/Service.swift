import Definitions
import Membership
import Values

/// Runs on a cadence until somebody asks for the end.
///
/// - A run is at its beat to the millisecond, so that a destination's own cadence, counted from batch to
///   batch, keeps to the clock too.
/// - Beats that went by, because a run was long or nothing ran, are made up by one run at once.
/// - A destination that is due between two beats is sent what is pending.
/// - What goes wrong is told, and tried again at the next beat.
public struct Service {
  /// What happened, and when.
  public struct Record: Sendable {
    public enum Event: Sendable {
      case started(every: Duration, definitions: Int)
      case run(RunReport)
      case sent([DestinationReport])
      case reread(definitions: Int)
      /// The folder is wrong: the definitions from before go on.
      case kept(OperationError)
      case failed(OperationError)
      case stopped
    }

    public let at: Instant
    public let event: Event
  }

  private var session: Session
  private let cadence: Cadence
  private let options: RunOptions
  private let timekeeper: any Timekeeper
  private let tell: (Record) -> Void
  /// The last beat that a run was for.
  private var served: Instant?
  /// When destinations are due that were not at the last run.
  private var dues: [Instant] = []

  public init(
    _ session: Session, _ cadence: Cadence, _ options: RunOptions,
    _ timekeeper: any Timekeeper, tell: @escaping (Record) -> Void
  ) {
    self.session = session
    self.cadence = cadence
    self.timekeeper = timekeeper
    self.tell = tell
    var options = options
    // The timekeeper's clock is the one that counts.
    options.allowsFuture = true
    self.options = options
    self.session.isStopping = { timekeeper.isStopping }
    self.session.pause = { timekeeper.pause(seconds: $0) }
  }

  /// Serves until somebody asks for the end.
  ///
  /// - Throws: `OperationError` when it cannot begin: the definitions are wrong, there is no store, or
  ///   another service is at work on it.
  public mutating func serve() throws {
    let project = try session.project()
    session.loaded = project
    let lock = try begin()
    defer { withExtendedLifetime(lock) {} }
    note(.started(every: cadence.every, definitions: project.definitions.count))
    var awaited: Instant?
    while !timekeeper.isStopping {
      let now = timekeeper.now
      let beat = cadence.beat(atOrBefore: now)
      if served.map({ $0 < beat }) ?? true {
        served = beat
        run(at: beat == awaited ? beat : now)
      } else if let due = dues.min(), due <= now {
        send(at: now)
      } else {
        awaited = cadence.beat(after: now)
        let next = min(cadence.beat(after: now), dues.min() ?? .never)
        if timekeeper.wait(until: next) == .reread { reread() }
      }
    }
    note(.stopped)
  }

  private mutating func begin() throws -> LockFile {
    try session.onStore {
      let store = try session.open()
      let lock = try LockFile(
        store: store.path, "serve", what: "another 'rollcall serve'", wait: session.wait)
      try store.connection.transaction("service") {
        try Meters(store.connection).note(cadence: cadence.every)
      }
      served = try RunLog(store.connection).last().map { cadence.beat(atOrBefore: $0.at) }
      return lock
    }
  }

  private mutating func run(at instant: Instant) {
    perform(at: instant) { service in
      // A run by hand may have been between the beat and now.
      let last = try service.session.onStore {
        try RunLog(service.session.open().connection).last()?.at
      }
      let isPast = last.map { $0 > instant } ?? false
      service.session.at = isPast ? service.timekeeper.now : instant
      let report = try service.session.run(service.options)
      service.dues = report.destinations.filter { $0.pending > 0 }.compactMap(\.due)
      return .run(report)
    }
  }

  private mutating func send(at instant: Instant) {
    perform(at: instant) { service in
      service.session.at = instant
      let reports = try service.session.send(
        ignoresCadence: false, policy: service.options.policy)
      service.dues = reports.filter { $0.pending > 0 }.compactMap(\.due)
      return .sent(reports)
    }
  }

  private mutating func reread() {
    perform(at: timekeeper.now) { service in
      do {
        let project = try service.session.readProject()
        service.session.loaded = project
        return .reread(definitions: project.definitions.count)
      } catch let error as OperationError {
        return .kept(error)
      }
    }
  }

  /// Does a step and tells what came of it.
  private mutating func perform(
    at instant: Instant, _ step: (inout Service) throws -> Record.Event
  ) {
    do {
      tell(Record(at: instant, event: try step(&self)))
    } catch {
      dues = []
      let failure =
        error as? OperationError ?? OperationError(.store, "an unexpected failure: \(error)")
      tell(Record(at: instant, event: .failed(failure)))
    }
  }

  private func note(_ event: Record.Event) { tell(Record(at: timekeeper.now, event: event)) }
}
