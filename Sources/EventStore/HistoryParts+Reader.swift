import Evaluation
import SQLite

extension HistoryParts {
  /// Reads the parts of identities from all runs: of one that is asked for, or one after the other in
  /// their order. Who asks in the order of identities reads each list and block once.
  ///
  /// It sees the runs that there are when it is made.
  final class Reader {
    private let queries: PartRun.Queries
    private var runs: [PartRun]
    /// Whose part stands next, behind those that were asked for last; nil at the end.
    private(set) var identity: Int64?

    /// Nil where there are no parts.
    ///
    /// - Parameter start: from which identity on they are walked through; nil for who asks for some alone.
    init?(_ connection: Connection, from start: Int64? = nil) throws {
      runs = try connection.prepare("SELECT id, folded FROM part_runs ORDER BY id").all {
        PartRun(id: $0.int(0), folded: $0.int(1))
      }
      guard !runs.isEmpty else { return nil }
      queries = try PartRun.Queries(connection)
      if let start { try seek(start) }
    }

    /// The parts of some runs alone, from the first identity on.
    init(_ connection: Connection, runs ids: [Int64]) throws {
      let run = try connection.prepare("SELECT folded FROM part_runs WHERE id = ?")
      runs = try ids.compactMap { id in
        try run.first(.init(id)) { PartRun(id: id, folded: $0.int(0)) }
      }
      queries = try PartRun.Queries(connection)
      try seek(0)
    }

    /// Moves to the first parts of this identity or a later one.
    func seek(_ asked: Int64) throws {
      identity = nil
      for place in runs.indices {
        try runs[place].seek(asked, queries)
        note(runs[place].identity)
      }
    }

    /// The parts of an identity, wherever this stands.
    func parts(of asked: Int64) throws -> [History] {
      var parts: [History] = []
      for place in runs.indices {
        try runs[place].seek(asked, queries)
        if runs[place].identity == asked { parts.append(try runs[place].part(queries)) }
      }
      return parts
    }

    /// Whether an identity has parts, wherever this stands.
    func hasParts(of asked: Int64) throws -> Bool {
      var isThere = false
      for place in runs.indices {
        try runs[place].seek(asked, queries)
        if runs[place].identity == asked { isThere = true }
      }
      return isThere
    }

    /// Puts the parts of an identity that was asked for by `hasParts` behind what is there. False where one
    /// is not later than that.
    func add(of asked: Int64, to join: HistoryJoin) throws -> Bool {
      for place in runs.indices where runs[place].identity == asked {
        guard try runs[place].withPart(queries, { join.add($0) }) else { return false }
      }
      return true
    }

    /// The parts of an identity, where it comes behind those that were asked for before; and moves on.
    func take(_ asked: Int64) throws -> [History] {
      guard let next = identity, next <= asked else { return [] }
      var parts: [History] = []
      identity = nil
      for place in runs.indices {
        if let own = runs[place].identity, own < asked { try runs[place].seek(asked, queries) }
        if runs[place].identity == asked {
          parts.append(try runs[place].part(queries))
          try runs[place].advance(queries)
        }
        note(runs[place].identity)
      }
      return parts
    }

    private func note(_ next: Int64?) {
      if let next, next < identity ?? .max { identity = next }
    }
  }
}
