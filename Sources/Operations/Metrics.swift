import Membership
import Values

/// Numbers of one kind for a monitoring system.
public struct MetricFamily: Sendable {
  public enum Kind: String, Sendable { case counter, gauge }

  public struct Sample: Sendable {
    public let labels: [(name: String, value: String)]
    public let value: Double
  }

  public let name: String
  public let kind: Kind
  public let help: String
  public let samples: [Sample]

  init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    self.name = "rollcall_" + name
    self.kind = kind
    self.help = help
    self.samples = samples
  }

  init(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
    self.init(name, kind, help, value.map { [Sample(labels: [], value: $0)] } ?? [])
  }
}

extension StatusReport {
  /// What can be watched: sizes, ages and counts by destination and definition. No identity, no value.
  public var metrics: [MetricFamily] {
    let runs = totals
    let active = destinations.filter { !$0.isPaused }
    return [
      MetricFamily("runs_total", .counter, "Runs since the store began.", Double(runs.runs)),
      MetricFamily(
        "evaluated_profiles_total", .counter, "Profiles that all runs evaluated.",
        Double(runs.evaluated)),
      MetricFamily(
        "last_run_timestamp_seconds", .gauge, "The instant of the last run.",
        lastRun.map { Self.seconds($0.at.milliseconds) }),
      MetricFamily(
        "last_run_duration_seconds", .gauge, "How long the last roll call took.",
        runs.duration.map { Self.seconds($0.milliseconds) }),
      MetricFamily(
        "last_run_evaluated_profiles", .gauge, "Profiles that the last run evaluated.",
        lastRun.map { Double($0.evaluated) }),
      MetricFamily("new_events", .gauge, "Events behind the last run.", Double(newEvents)),
      MetricFamily(
        "members", .gauge, "Members, or present values, of a definition.",
        definitions.map { Self.sample([("definition", $0.key)], Double($0.members)) }),
      Self.family("pending_values", "Values to be sent, held ones included.", active, \.pending),
      Self.family("in_doubt_values", "Values sent without a definite answer.", active, \.inDoubt),
      Self.family("quarantined_values", "Values refused for good.", active, \.quarantined),
      Self.family("held_changes", "Changes that wait for an approval.", active, \.held),
      MetricFamily(
        "staleness_seconds", .gauge,
        "How long ago a destination had every value of a definition.", staleness(active)),
      MetricFamily(
        "requests_total", .counter, "Requests by what came of them.", Self.requests(active)),
      MetricFamily(
        "paused_destinations", .gauge, "Destinations whose file is gone.",
        Double(destinations.count - active.count)),
    ]
  }

  private static func seconds(_ milliseconds: Int64) -> Double { Double(milliseconds) / 1000 }

  private static func sample(
    _ labels: [(name: String, value: String)], _ value: Double
  ) -> MetricFamily.Sample {
    MetricFamily.Sample(labels: labels, value: value)
  }

  private static func family(
    _ name: String, _ help: String, _ destinations: [DestinationStatus],
    _ count: (DestinationStatus) -> Int
  ) -> MetricFamily {
    MetricFamily(
      name, .gauge, help,
      destinations.map { sample([("destination", $0.name)], Double(count($0))) })
  }

  private func staleness(_ destinations: [DestinationStatus]) -> [MetricFamily.Sample] {
    destinations.flatMap { destination in
      destination.lastRight.sorted { $0.key < $1.key }.map { key, right in
        Self.sample(
          [("destination", destination.name), ("definition", key)],
          Self.seconds(max(0, (at - right).milliseconds)))
      }
    }
  }

  private static func requests(_ destinations: [DestinationStatus]) -> [MetricFamily.Sample] {
    destinations.flatMap { destination in
      Meters.Outcome.allCases.map { outcome in
        sample(
          [("destination", destination.name), ("outcome", outcome.rawValue)],
          Double(destination.outcomes[outcome] ?? 0))
      }
    }
  }
}
