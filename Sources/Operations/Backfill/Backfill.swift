import Definitions
import Values

extension Session {
  /// Computes the exact past: from which instant until which everybody was a member, or had which value.
  ///
  /// The snapshot is not touched. A batch of profiles is one transaction, between which runs and ingests
  /// get their turn. A call that was ended takes up where it stopped when it is made again.
  public func backfill(_ options: BackfillOptions) throws -> BackfillReport {
    let project = try project()
    try check(options)
    let chosen = try chosen(options.keys, project)
    return try onStore {
      let start = ContinuousClock.now
      let store = try open()
      let lock = try LockFile(
        store: store.path, "backfill", what: "another backfill", wait: wait)
      defer { withExtendedLifetime(lock) {} }
      var operation = try BackfillOperation(store, project, chosen, options)
      try operation.prepare()
      try operation.compute { progress("backfilling", $0, $1) }
      return try operation.report(took: Duration(ContinuousClock.now - start))
    }
  }

  func check(_ options: BackfillOptions) throws {
    guard options.from < options.to else {
      throw OperationError(
        .usage, "the range from \(options.from) to \(options.to) is empty",
        help: "'--from' is the first instant, and '--to' the first one behind the range")
    }
    let now = now
    guard options.to <= now else {
      throw OperationError(
        .usage, "the range ends at \(options.to), and it is \(now): what is to come is no past",
        help: "end it with '--to \(now)' or before")
    }
  }

  func chosen(_ keys: [String], _ project: Project) throws -> [Definition] {
    guard !keys.isEmpty else { return project.definitions.filter(\.isEnabled) }
    return try Set(keys).sorted().map(project.enabledDefinition)
  }
}

extension Project {
  /// What the past of a definition depends on, besides the events: its query, and those of all that it
  /// refers to.
  func fingerprint(_ definition: Definition) -> String {
    let text = needed(for: definition).map { $0.key + " " + $0.canonicalText }
      .joined(separator: "\n")
    return SHA256.digest(of: Array(text.utf8).span).hex
  }
}
