import EventStore
import Values

extension Session {
  /// Stores the calls of some files, one after the other; `-` is standard input.
  public func ingest(_ paths: [String]) throws -> Ingest.Summary {
    try onStore {
      let store = try open(create: true)
      var total = Ingest.Summary()
      for path in paths {
        var ingest = try Ingest(
          connection: store.connection, rejectsPath: storePath + ".rejects.ndjson")
        let show = { (progress: Ingest.Progress) in
          self.progress("ingesting \(path == "-" ? "standard input" : path)", progress.lines, nil)
        }
        let summary =
          path == "-"
          ? try ingest.standardInput(progress: show) : try ingest.file(path, progress: show)
        total.add(summary)
      }
      return total
    }
  }
}

extension Ingest.Summary {
  mutating func add(_ other: Ingest.Summary) {
    lines += other.lines
    accepted += other.accepted
    duplicates += other.duplicates
    conflicts += other.conflicts
    rejected += other.rejected
    rejectsFile = other.rejectsFile ?? rejectsFile
    resumedAtLine = other.resumedAtLine ?? resumedAtLine
  }
}
