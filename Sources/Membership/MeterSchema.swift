import SQLite
import Values

/// Counts for whoever watches: they only grow, and name nobody.
public enum MeterSchema {
  public static let version3 = """
    -- Runs and evaluated profiles since the store began, and the milliseconds that the last run took.
    CREATE TABLE run_meter(
      id INTEGER PRIMARY KEY CHECK (id = 1),
      runs INTEGER NOT NULL,
      evaluated INTEGER NOT NULL,
      duration INTEGER
    ) STRICT;
    INSERT INTO run_meter SELECT 1, count(*), coalesce(sum(evaluated), 0), NULL FROM runs;

    -- Requests by what came of them.
    CREATE TABLE request_meters(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      outcome TEXT NOT NULL,
      requests INTEGER NOT NULL,
      PRIMARY KEY (destination, outcome)
    ) STRICT, WITHOUT ROWID;

    -- The cadence of the last 'serve', in milliseconds: how old a value may be follows from it.
    CREATE TABLE service(
      id INTEGER PRIMARY KEY CHECK (id = 1),
      every INTEGER NOT NULL
    ) STRICT;

    """
}

/// Reads and adds to the counts. What writes runs inside a write transaction.
public struct Meters {
  /// What came of a request.
  public enum Outcome: String, Sendable, CaseIterable { case accepted, refused, unclear, unusable }

  private let connection: Connection

  public init(_ connection: Connection) { self.connection = connection }

  /// Counts a run.
  public func add(_ run: RunLog.Run, took duration: Duration) throws {
    try connection.run(
      "UPDATE run_meter SET runs = runs + 1, evaluated = evaluated + ?, duration = ?",
      .init(run.evaluated), .init(duration.milliseconds))
  }

  /// Counts requests to a destination.
  public func add(_ counts: [Outcome: Int], destination: Int64) throws {
    for (outcome, count) in counts where count > 0 {
      try connection.run(
        """
        INSERT INTO request_meters(destination, outcome, requests) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET requests = requests + excluded.requests
        """, .init(destination), .init(outcome.rawValue), .init(count))
    }
  }

  public func runs() throws -> (runs: Int, evaluated: Int, duration: Duration?) {
    try connection.prepare("SELECT runs, evaluated, duration FROM run_meter").first { row in
      (
        Int(row.int(0)), Int(row.int(1)),
        row.optionalInt(2).map { Duration(milliseconds: $0) }
      )
    } ?? (0, 0, nil)
  }

  public func requests(destination: Int64) throws -> [Outcome: Int] {
    var counts: [Outcome: Int] = [:]
    try connection.prepare("SELECT outcome, requests FROM request_meters WHERE destination = ?")
      .forEach(.init(destination)) { row in
        if let outcome = Outcome(rawValue: row.text(0)) { counts[outcome] = Int(row.int(1)) }
      }
    return counts
  }

  /// The cadence of the last 'serve'; nil when there was none.
  public func cadence() throws -> Duration? {
    try connection.prepare("SELECT every FROM service").first { Duration(milliseconds: $0.int(0)) }
  }

  public func note(cadence: Duration) throws {
    try connection.run(
      "INSERT OR REPLACE INTO service(id, every) VALUES (1, ?)", .init(cadence.milliseconds))
  }
}
