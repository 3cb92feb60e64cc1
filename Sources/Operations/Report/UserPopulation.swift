import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// Looks at one user after another, where no definition asks for accounts. Histories are read in place,
/// and only those who may change up to the horizon are followed into the future.
final class UserPopulation: HistoryVisitor {
  private(set) var tally: PopulationTally
  private let task: PopulationTask
  private let present: InstantScan
  private let earlier: [InstantScan]
  private var evaluator: Evaluator
  private var foresight: Foresight
  private let snapshot: SnapshotRows
  private var sighting = Sighting()
  private var scratch = Sighting()
  private let progress: (Int) -> Void
  private var seen = 0

  /// - Parameter progress: called now and then with how many more were seen.
  init(
    _ task: PopulationTask, _ connection: Connection, progress: @escaping (Int) -> Void
  ) throws {
    self.task = task
    self.progress = progress
    tally = PopulationTally(task)
    let places = task.definitions.indices.filter { task.definitions[$0].stratum == .users }
    present = InstantScan(task, places, at: task.now)
    let behind = places.filter { $0 <= task.focus?.place ?? -1 }
    earlier = task.instants.map { InstantScan(task, behind, at: $0) }
    let keys = Set(task.audiences.map { task.definitions[$0].key })
    let followed = task.definitions.places(neededFor: keys).filter {
      places.contains($0) && !task.funnel.contains($0)
    }
    evaluator = Evaluator(Program(followed.map { task.definitions[$0] }, task.names))
    foresight = Foresight(
      places: task.audiences.compactMap { followed.firstIndex(of: $0) }, end: task.end)
    snapshot = try SnapshotRows(connection)
  }

  func visit(_ identity: Int64, _ kind: IdentityKind, _ history: Span<UInt8>) throws {
    switch kind {
    case .account: return
    case .anonymous where !task.includesAnonymous: try passNobody(identity)
    default:
      if history.isEmpty { return try passNobody(identity) }
      try look(identity, history)
    }
  }

  /// Somebody who takes no part, and of whom the snapshot may still hold something.
  func passNobody(_ profile: Int64) throws {
    sighting.clear()
    if task.compared != nil { tally.compare(try snapshot.rows(of: profile), sighting, task) }
  }

  /// - Parameter history: everything that is known of a profile, packed.
  func look(_ profile: Int64, _ history: Span<UInt8>) throws {
    present.look(history, &sighting)
    tally.add(sighting, task)
    for (number, scan) in earlier.enumerated() {
      scan.look(history, &scratch)
      if let focus = task.focus, scratch.holds(focus.place) { tally.add(instant: number) }
    }
    if !foresight.places.isEmpty, sighting.next <= task.end { follow(history) }
    try tally.settle(profile, sighting, task, snapshot)
    seen += 1
    if seen % 2000 == 0 { progress(2000) }
  }

  private func follow(_ history: Span<UInt8>) {
    let calls = History(bytes: history.withUnsafeBufferPointer { Array($0) })
    let subject = SubjectHistory.user(UserHistory(calls: calls))
    foresight.follow(from: sighting.next, limit: NextChange.stepLimit(subject)) { audience in
      sighting.holds(task.audiences[audience])
    } evaluate: { instant in
      evaluator.evaluate(calls, at: instant)
    }
    tally.add(foresight, sighting, task)
  }
}

/// A scan at one instant that says what it found by the places of a task.
private final class InstantScan {
  private var scan: ScanEvaluator
  private let places: [Int]

  init(_ task: PopulationTask, _ places: [Int], at instant: Instant) {
    self.places = places
    scan = ScanEvaluator(places.map { task.definitions[$0] }, task.names, at: instant)
  }

  func look(_ history: Span<UInt8>, _ sighting: inout Sighting) {
    sighting.clear()
    scan.evaluate(history)
    sighting.exists = scan.exists
    sighting.next = scan.next
    scan.forEachPresent { scan, place in
      sighting.add(places[place], scan.isTruth(place) ? .boolean(true) : scan.value(place))
    }
  }
}

extension SnapshotRows {
  /// Definitions by number, with JSON of their values.
  func rows(of profile: Int64) throws -> [(definition: Int64, value: String)] {
    var rows: [(definition: Int64, value: String)] = []
    try forEach(of: profile) { rows.append((definition: $0, value: $1)) }
    return rows
  }
}

extension PopulationTally {
  /// Takes in what needs the store: how the snapshot differs, and who is a member of the focus.
  mutating func settle(
    _ profile: Int64, _ sighting: Sighting, _ task: PopulationTask, _ snapshot: SnapshotRows
  ) throws {
    if task.compared != nil { compare(try snapshot.rows(of: profile), sighting, task) }
    guard let focus = task.focus, let number = sighting.places.firstIndex(of: focus.place) else {
      return
    }
    let others =
      task.neighbours.isEmpty
      ? []
      : try snapshot.rows(of: profile).map(\.definition).filter(task.neighbours.contains)
    add(
      memberOfFocus: profile, sighting.values[number], sampleSize: focus.sampleSize,
      neighbours: others)
  }
}
