import EventStore
import Values

extension Session {
  /// Stores the calls of some files, one after the other; `-` is standard input.
  public func ingest(_ paths: [String]) throws -> IngestReport {
    try onStore {
      let store = try open(create: true)
      var total = IngestReport()
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

/// What an ingest of one or more files came to.
public struct IngestReport: Sendable {
  public private(set) var accepted = 0
  public private(set) var duplicates = 0
  /// Duplicates with other content than the call that was stored first.
  public private(set) var conflicts = 0
  public private(set) var rejected = 0
  /// Where the rejected lines are; nil when there is none.
  public private(set) var rejectsFile: String?
  /// The line at which an unfinished ingest of the same file was taken up.
  public private(set) var resumedAtLine: Int?

  mutating func add(_ summary: Ingest.Summary) {
    accepted += summary.accepted
    duplicates += summary.duplicates
    conflicts += summary.conflicts
    rejected += summary.rejected
    rejectsFile = summary.rejectsFile ?? rejectsFile
    resumedAtLine = summary.resumedAtLine ?? resumedAtLine
  }
}
