import Definitions
import Membership
import SQLite
import Values

extension Session {
  /// The size of a definition over time: from the spells where a backfill has computed the whole of a
  /// period, else from the runs in it.
  ///
  /// - Parameters:
  ///   - from: the first instant; the first one that is known when left out.
  ///   - to: the first instant behind the range; behind the last one that is known when left out.
  public func history(
    _ key: String, by period: Period, from: Instant? = nil, to: Instant? = nil
  ) throws -> SizeHistory {
    let project = try project()
    return try onStore {
      let store = try open()
      return try store.connection.snapshot {
        try HistoryReader(store.connection, key, project[key], project)
          .read(by: period, from: from, to: to)
      }
    }
  }
}

/// Reads the past of one definition out of a store, over one unchanging view of it.
private struct HistoryReader {
  private let connection: Connection
  private let key: String
  private let kind: String
  /// The definition's numbers among the runs' and among the spells'.
  private let ofRuns: Int64?
  private let ofSpells: Int64?
  private let covered: [Range<Int64>]
  private let isEdited: Bool

  init(
    _ connection: Connection, _ key: String, _ definition: Definition?, _ project: Project
  ) throws {
    self.connection = connection
    self.key = key
    let ranges = SpellRanges(connection)
    let known = try connection.prepare(
      "SELECT id, kind FROM definitions WHERE key = ? AND NOT is_identity"
    ).first(.init(key)) { ($0.int(0), $0.text(1)) }
    ofRuns = known?.0
    let spells = try connection.prepare("SELECT id, kind FROM spell_definitions WHERE key = ?")
      .first(.init(key)) { ($0.int(0), $0.text(1)) }
    ofSpells = spells?.0
    guard let kind = definition?.kind.rawValue ?? known?.1 ?? spells?.1 else {
      let keys = try connection.prepare(
        """
        SELECT key FROM definitions WHERE NOT is_identity UNION SELECT key FROM spell_definitions
        """
      ).all { $0.text(0) }
      throw OperationError(
        .usage, "there is no definition '\(key)'",
        help: Suggestion.help(for: key, in: keys + project.definitions.map(\.key)))
    }
    self.kind = kind
    let fingerprint = definition.map(project.fingerprint)
    let all = try ofSpells.map(ranges.covered) ?? []
    let current = all.filter { fingerprint == nil || $0.fingerprint == fingerprint }
    covered = current.map(\.range)
    isEdited = current.count < all.count
  }

  func read(by period: Period, from: Instant?, to: Instant?) throws -> SizeHistory {
    let runs = try ofRuns.map(runs) ?? []
    let first = (covered.map(\.lowerBound) + runs.map { $0.at }).min()
    let last = (covered.map(\.upperBound) + runs.map { $0.at + 1 }).max()
    guard let first, let last else {
      throw OperationError(
        .usage, "nothing is known of the past of '\(key)'",
        help: "run 'rollcall backfill --from T --to T \(key)', or 'rollcall run' now and then")
    }
    let (from, to) = (from?.milliseconds ?? first, to?.milliseconds ?? last)
    guard from < to else {
      throw OperationError(
        .usage,
        "the range from \(Instant(milliseconds: from)) to \(Instant(milliseconds: to)) is empty",
        help: "'\(key)' is known from \(Instant(milliseconds: first)) "
          + "to \(Instant(milliseconds: last))")
    }
    let periods = period.all(in: from..<to)
    let spells = try census(periods)
    let points = periods.enumerated().map { place, range in
      let isCovered = covered.contains {
        $0.lowerBound <= range.lowerBound && $0.upperBound >= range.upperBound
      }
      return isCovered ? spells[place] : point(range, runs)
    }
    return SizeHistory(
      key: key, kind: kind, period: period, points: points, isEdited: isEdited)
  }

  private func census(_ periods: [Range<Int64>]) throws -> [SizeHistory.Point] {
    var census = SpellCensus(periods, covered: covered)
    if let ofSpells, !covered.isEmpty, let last = periods.last {
      try connection.prepare(
        """
        SELECT profile, since, until FROM spells
        WHERE definition = ? AND since < ? ORDER BY profile, since
        """
      ).forEach(.init(ofSpells), .init(last.upperBound)) { row in
        census.add(
          StoredSpell(profile: row.int(0), since: row.int(1), until: row.int(2), value: ""))
      }
    }
    census.finish()
    return census.points
  }

  private typealias Run = (at: Int64, members: Int, entered: Int, left: Int, changed: Int)

  private func runs(_ definition: Int64) throws -> [Run] {
    try connection.prepare(
      """
      SELECT r.at, d.members, d.entered, d.left, d.changed
      FROM run_definitions AS d JOIN runs AS r ON r.id = d.run
      WHERE d.definition = ? ORDER BY r.id
      """
    ).all(.init(definition)) { row in
      (row.int(0), Int(row.int(1)), Int(row.int(2)), Int(row.int(3)), Int(row.int(4)))
    }
  }

  private func point(_ range: Range<Int64>, _ runs: [Run]) -> SizeHistory.Point {
    let inside = runs.filter { range.contains($0.at) }
    // Between two runs the size is the earlier one's.
    let last = runs.last { $0.at < range.upperBound }
    return SizeHistory.Point(
      from: Instant(milliseconds: range.lowerBound), to: Instant(milliseconds: range.upperBound),
      source: last == nil ? nil : .runs, size: last?.members ?? 0,
      entered: inside.reduce(0) { $0 + $1.entered }, left: inside.reduce(0) { $0 + $1.left },
      changed: inside.reduce(0) { $0 + $1.changed })
  }
}
