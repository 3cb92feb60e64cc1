import Definitions

/// What became of every audience and computed trait of an import, in their order.
public struct ImportReport: Sendable {
  /// A file that was written, or would be.
  public struct Written: Sendable {
    public let key: String
    public let file: String
  }

  /// A file that was there already, and stayed.
  public struct Skipped: Sendable {
    public let key: String
    public let file: String
    public let reason: String
  }

  /// An entry that no file was made of.
  public struct Failed: Sendable {
    /// Its name, else its key, else its place.
    public let name: String
    public let reason: String
    /// What `check` would say about the file.
    public let diagnostics: [Diagnostic]
  }

  /// An option of Segment's that has no counterpart here.
  public struct Option: Sendable {
    public let key: String
    public let name: String
    /// What holds in its place.
    public let reason: String
  }

  public internal(set) var written: [Written] = []
  public internal(set) var skipped: [Skipped] = []
  public internal(set) var failed: [Failed] = []
  /// Of the files that were written.
  public internal(set) var notPortable: [Option] = []
  /// Whether the API has more pages than were given.
  public internal(set) var hasMorePages = false
  /// Whether nothing was written because that was asked for.
  public internal(set) var isDryRun = false
}
