import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// A definition as it stands in its file, over the events as they are.
public struct PreviewReport: Sendable {
  /// One condition of an audience that joins several with AND.
  public struct FunnelPart: Sendable {
    /// As it is written, on one line.
    public let condition: String
    /// How many meet it, and how many meet it and all those before it.
    public let size: Int
    public let all: Int
  }

  /// Another audience, as the last run left it.
  public struct Neighbour: Sendable {
    public let key: String
    public let members: Int
    /// Members of this definition that are in it, too.
    public let common: Int
    /// The part of this definition's members that they are, from 0 to 1.
    public let share: Double
  }

  public let definition: Definition
  public let at: Instant
  /// Members, or present values.
  public let size: Int
  /// Users that there are at the instant; accounts, when it is about them.
  public let users: Int
  /// The first members: id, and JSON of the value.
  public let sample: [(userID: String, value: String)]
  /// The size at the ends of the last twelve weeks, with today's data; the last is that at the instant.
  public let trend: [(at: Instant, size: Int)]
  /// The conditions of an audience; empty for a trait.
  public let funnel: [FunnelPart]
  /// The audiences of the snapshot that have most in common with this one, three at most.
  public let overlap: [Neighbour]
  /// Who leaves and enters if nothing happens; nil for a trait.
  public let forecast: Forecast?
  /// What `check` warns of in the definition and in those that it refers to.
  public let warnings: [Diagnostic]
}

extension Session {
  /// Evaluates one definition, and those that it refers to, for every user. Nothing is written.
  public func preview(_ key: String, sampleSize: Int = 10) throws -> PreviewReport {
    let project = try project()
    let definition = try project.enabledDefinition(key)
    let now = now
    return try onStore {
      let store = try open()
      let connection = store.connection
      let lastRun = try RunLog(connection).last()
      let since = lastRun?.watermark ?? 0
      return try Histories.looking(connection, since: since) { watermark, names in
        let needed = project.needed(for: definition)
        let conditions = definition.conditions
        let parts = conditions.map { definition.asking(.audience($0)) }
        var task = PopulationTask(
          subject: definition.subject, definitions: needed + parts, names: names,
          watermark: watermark, now: now)
        let focus = needed.count - 1
        task.focus = (focus, sampleSize)
        task.funnel = parts.indices.map { needed.count + $0 }
        task.audiences = definition.kind == .audience ? [focus] : []
        task.instants = Self.weeks(before: now)
        let neighbours = try Neighbourhood(connection, of: definition)
        task.neighbours = Set(neighbours.audiences.keys)
        let pass = PopulationPass(
          task: task, path: store.path, lastRun: (since, lastRun?.id ?? 0))
        let tally = try pass.tally(connection) { progress("evaluating", $0, $1) }
        let identity = try connection.prepare("SELECT external_id FROM identities WHERE id = ?")
        let size = tally.members[focus]
        return PreviewReport(
          definition: definition, at: now, size: size, users: tally.profiles,
          sample: try tally.sample.map { profile, value in
            (try identity.first(.init(profile)) { $0.text(0) } ?? "", value)
          },
          trend: zip(task.instants, tally.sizes).map { ($0, $1) } + [(now, size)],
          funnel: conditions.indices.map { place in
            PreviewReport.FunnelPart(
              condition: definition.source.oneLine(conditions[place].range),
              size: tally.members[needed.count + place], all: tally.funnel[place])
          },
          overlap: neighbours.nearest(3, size: size, shared: tally.shared),
          forecast: tally.forecasts.first,
          warnings: try project.warnings(on: definition, connection, at: now))
      }
    }
  }

  /// The ends of the eleven weeks before an instant.
  private static func weeks(before now: Instant) -> [Instant] {
    (1...11).reversed().map { now - Duration(milliseconds: $0 * 7 * 86_400_000) }
  }
}

extension Definition {
  /// The conditions that an audience joins with AND, or its one condition; none of a trait.
  fileprivate var conditions: [Condition] {
    guard case .audience(let condition) = query else { return [] }
    return condition.joined
  }
}

extension Condition {
  fileprivate var joined: [Condition] {
    if case .and(let parts) = kind { parts.flatMap(\.joined) } else { [self] }
  }
}

extension Project {
  /// The warnings on a definition and on those that it refers to, by file and place.
  fileprivate func warnings(
    on definition: Definition, _ connection: Connection, at now: Instant
  ) throws -> [Diagnostic] {
    let needed = needed(for: definition)
    let paths = Set(needed.map(\.source.path))
    let own = diagnostics.filter { paths.contains($0.path) }
    return (own + (try traps(of: needed, in: connection, at: now))).inOrder
  }

  /// A definition behind all those that it refers to, directly or not, in dependency order.
  func needed(for definition: Definition) -> [Definition] {
    let needed = definitions.places(neededFor: [definition.key]).map { definitions[$0] }
    return needed.filter { $0.key != definition.key } + [definition]
  }
}
