import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

extension Session {
  /// Evaluates everybody at the instant, follows them into the future, and reads what the runs and the
  /// deliveries left in the store. Nothing is written.
  public func report() throws -> Overview {
    let project = try project()
    let now = now
    return try onStore {
      let store = try open()
      let lastRun = try RunLog(store.connection).last()
      return try Histories.looking(store.connection, since: lastRun?.watermark ?? 0) {
        watermark, names in
        let survey = try OverviewSurvey(
          store, project, names, lastRun, upTo: watermark, at: now)
        return try survey.overview { progress("evaluating", $0, $1) }
      }
    }
  }
}

/// Makes the overview of one store, over one unchanging view of it.
private struct OverviewSurvey {
  private let store: Store
  private let project: Project
  private let names: NameTable
  private let lastRun: RunLog.Run?
  private let watermark: Int64
  private let now: Instant
  /// The store's definitions that are not removed, by key.
  private let stored: [String: (id: Int64, members: Int)]
  private let sizes: [Int64: SizeSeries]

  init(
    _ store: Store, _ project: Project, _ names: NameTable, _ lastRun: RunLog.Run?,
    upTo watermark: Int64, at now: Instant
  ) throws {
    self.store = store
    self.project = project
    self.names = names
    self.lastRun = lastRun
    self.watermark = watermark
    self.now = now
    let rows = try store.connection.prepare(
      "SELECT key, id, members FROM definitions WHERE NOT is_removed AND NOT is_identity"
    ).all { (key: $0.text(0), id: $0.int(1), members: Int($0.int(2))) }
    stored = Dictionary(uniqueKeysWithValues: rows.map { ($0.key, ($0.id, $0.members)) })
    sizes = try SizeSeries.ofRuns(store.connection)
  }

  func overview(_ progress: (Int, Int) -> Void) throws -> Overview {
    let status = try StatusSurvey(store.connection, project.destinations, at: now).report()
    let parts = try [Definition.Subject.users, .accounts].map { subject in
      let task = task(subject)
      let isAsked = subject == .users || !(task.audiences + task.traits).isEmpty
      let pass = PopulationPass(
        task: task, path: store.path, lastRun: (lastRun?.watermark ?? 0, lastRun?.id ?? 0))
      return (
        task: task,
        tally: isAsked
          ? try pass.tally(store.connection, progress: progress) : PopulationTally(task)
      )
    }
    var audiences: [Overview.Audience] = []
    var traits: [Overview.Trait] = []
    for (place, definition) in project.definitions.enumerated() {
      let (task, tally) = parts[definition.subject == .users ? 0 : 1]
      let known = stored[definition.key]
      let members = definition.isEnabled ? tally.members[place] : known?.members ?? 0
      let series = known.flatMap { sizes[$0.id] } ?? SizeSeries()
      let standing = Overview.Standing(
        freshness: status.definitions.first { $0.key == definition.key }?.freshness,
        difference: lastRun != nil && definition.isEnabled ? tally.differences[place] : nil)
      switch definition.kind {
      case .audience:
        audiences.append(
          Overview.Audience(
            definition: definition, members: members, population: tally.profiles, sizes: series,
            forecast: task.audiences.firstIndex(of: place).map { tally.forecasts[$0] },
            standing: standing))
      case .trait:
        traits.append(
          Overview.Trait(
            definition: definition, members: members, population: tally.profiles, sizes: series,
            distribution: definition.isEnabled ? tally.distributions[place] : nil,
            standing: standing))
      }
    }
    let keys = Set(project.definitions.map(\.key))
    return Overview(
      at: now, users: parts[0].tally.profiles, accounts: parts[1].tally.profiles,
      audiences: audiences.sorted { $0.definition.key < $1.definition.key },
      traits: traits.sorted { $0.definition.key < $1.definition.key },
      models: project.models.sorted { $0.key < $1.key },
      overlaps: parts.map { task, tally in
        Overview.Overlap(
          subject: task.subject, keys: task.audiences.map { project.definitions[$0].key },
          table: tally.crossTable)
      },
      removed: stored.filter { !keys.contains($0.key) }.map { ($0.key, $0.value.members) }
        .sorted { $0.0 < $1.0 },
      cutShort: parts.reduce(0) { $0 + $1.tally.cutShort }, status: status)
  }

  private func task(_ subject: Definition.Subject) -> PopulationTask {
    let definitions = project.definitions
    let own = definitions.indices.filter {
      definitions[$0].isEnabled && definitions[$0].subject == subject
    }
    var task = PopulationTask(
      subject: subject, definitions: definitions, names: names, watermark: watermark, now: now)
    task.audiences = own.filter { definitions[$0].kind == .audience }
    task.traits = own.filter { definitions[$0].kind == .trait }
    if lastRun != nil {
      task.compared = [:]
      for place in own {
        if let known = stored[definitions[place].key] { task.compared?[known.id] = place }
      }
    }
    return task
  }
}
