import Foundation
import SQLite
import Values

/// Takes Segment-spec calls, one JSON object a line, into the event store.
///
/// A call is stored once, whatever comes how often: its message id decides. A line that is no call
/// goes to the rejects file and stops nothing. Lines are read and scanned outside of any
/// transaction, on a thread of their own, and then written batch by batch, so that others get their
/// turn in between.
///
/// A batch and the place in the file are stored together. When an ingest dies, the next one of the
/// same file goes on at the place, unless what lies before it has changed.
public struct Ingest {
  /// What became of a whole file, earlier parts of an ingest that was cut off included.
  public struct Summary: Sendable, Equatable {
    public var lines: Int
    public var accepted: Int
    /// Calls whose message id was stored before, conflicts among them.
    public var duplicates: Int
    /// Duplicates that say something else than the call that was stored first.
    public var conflicts: Int
    public var rejected: Int
    /// Where the refused lines are, when there are any.
    public var rejectsFile: String?
    /// The line at which an earlier ingest of this file was taken up again.
    public var resumedAtLine: Int?
  }

  /// How far an ingest has come, after each batch.
  public struct Progress: Sendable, Equatable {
    public var bytes: Int
    /// The file's size; nil for a stream.
    public var totalBytes: Int?
    public var lines: Int
    public var accepted: Int
    public var duplicates: Int
    public var rejected: Int
  }

  private let connection: Connection
  private let rejects: RejectsFile
  private var writer: BatchWriter
  private let limits: (first: BatchLimit, last: BatchLimit)

  /// - Parameters:
  ///   - connection: a store with the current schema.
  ///   - rejectsPath: the file that refused lines are added to; it is made when there is one.
  ///   - batchLines: how many lines go into one transaction, unless they are long. When left out,
  ///     50,000, and in a long file up to 200,000: large batches write less, and hold the write
  ///     lock for longer, some half a second here.
  public init(connection: Connection, rejectsPath: String, batchLines: Int? = nil) throws {
    self.connection = connection
    rejects = RejectsFile(path: rejectsPath)
    writer = try BatchWriter(connection)
    let fixed = batchLines.map { BatchLimit(lines: max($0, 1)) }
    limits = (fixed ?? .first, fixed ?? .last)
  }

  /// Takes in a file, from where an earlier ingest of it was cut off.
  ///
  /// A path that leads to a pipe or a device is read from its beginning to its end.
  ///
  /// - Parameter progress: called after each batch. What it throws ends the ingest there.
  /// - Throws: `IngestFailure`, `SQLiteError`, and what `progress` throws.
  public mutating func file(
    _ path: String, progress: (Progress) throws -> Void = { _ in }
  ) throws -> Summary {
    let input = try InputFile(path)
    defer { input.close() }
    guard let size = input.size else {
      return try stream(input.descriptor, name: path, progress: progress)
    }
    let key = URL(fileURLWithPath: path).standardizedFileURL.path
    var source = Source(name: path, key: key, size: size)
    var prefix = PrefixHash()
    if let stored = try IngestPlace.stored(for: key, in: connection),
      let hash = try input.hash(ofFirst: stored.offset), hash.value == stored.prefix
    {
      prefix = hash
      source.place = stored
      source.resumedAtLine = stored.lines + 1
    }
    try input.seek(to: source.place.offset)
    let reader = LineReader(
      descriptor: input.descriptor, source: path, hashes: true,
      offset: source.place.offset, prefix: prefix)
    return try take(reader, &source, progress)
  }

  /// Takes in a stream to its end, standard input unless another descriptor is given.
  ///
  /// There is no place to come back to: after a crash the stream is sent again, and what was
  /// stored of it counts as duplicates.
  public mutating func standardInput(
    _ descriptor: Int32 = STDIN_FILENO, progress: (Progress) throws -> Void = { _ in }
  ) throws -> Summary {
    try stream(descriptor, name: "-", progress: progress)
  }

  private mutating func stream(
    _ descriptor: Int32, name: String, progress: (Progress) throws -> Void
  ) throws -> Summary {
    var source = Source(name: name, key: nil, size: nil)
    let reader = LineReader(descriptor: descriptor, source: name, hashes: false)
    return try take(reader, &source, progress)
  }

  // MARK: Batches

  /// What is read, and how far it is stored.
  private struct Source {
    /// As the rejects file names it.
    let name: String
    /// What `ingests` knows it by; nil for a stream.
    let key: String?
    let size: Int?
    var place = IngestPlace()
    var resumedAtLine: Int?

    var progress: Progress {
      Progress(
        bytes: place.offset, totalBytes: size, lines: place.lines,
        accepted: place.counts.accepted, duplicates: place.counts.duplicates,
        rejected: place.counts.rejected)
    }

    func summary(rejectsPath: String) -> Summary {
      Summary(
        lines: place.lines, accepted: place.counts.accepted, duplicates: place.counts.duplicates,
        conflicts: place.counts.conflicts, rejected: place.counts.rejected,
        rejectsFile: place.counts.rejected > 0 ? rejectsPath : nil, resumedAtLine: resumedAtLine)
    }
  }

  private mutating func take(
    _ reader: LineReader, _ source: inout Source, _ progress: (Progress) throws -> Void
  ) throws -> Summary {
    while try connection.transaction("index", { try writer.catchUp() }) {}
    let scan = LineScan(reader: reader, lines: source.place.lines, limits: limits)
    let portions = Portions(scan.run)
    let checkpoints = try Checkpoints(
      path: connection.path, pageLimit: Checkpoints.logLimit / Int64(connection.pageSize))
    defer {
      portions.close()
      checkpoints.wait()
      try? setUp(isIngesting: false)
    }
    try setUp(isIngesting: true)
    var isAtEnd = false
    while !isAtEnd {
      let portion = try portions.next()
      isAtEnd = portion.isLast
      try write(portion, &source)
      portions.makeRoom(consume portion)
      try progress(source.progress)
      if !isAtEnd { try checkpoints.start(after: connection) }
    }
    try checkpoints.finish(connection)
    return source.summary(rejectsPath: rejects.path)
  }

  /// Sets the connection up for large batches, or for all else.
  private func setUp(isIngesting: Bool) throws {
    // Half of it is for the batch's own pages, the rest for those that the ids are in.
    let cacheSize = isIngesting ? 128 << 10 : Connection.cacheSize
    try connection.execute("PRAGMA cache_size = \(-cacheSize)")
    // Pages change again in the next batch; a checkpoint after each would copy them each time. To
    // cut the log and make it longer again would cost as much.
    let pages = try isIngesting ? (80 << 20) / connection.pageSize : 1000
    try connection.execute("PRAGMA wal_autocheckpoint = \(pages)")
    try connection.execute(
      "PRAGMA journal_size_limit = \(isIngesting ? -1 : Connection.logLimit)")
  }

  private mutating func write(_ portion: Portion, _ source: inout Source) throws {
    try rejects.append(portion.batch, from: source.name)
    var place = source.place
    place.offset = portion.offset
    place.lines = portion.lines
    place.prefix = portion.prefix
    do {
      try connection.transaction("ingest") {
        place.counts += try writer.write(portion.batch)
        guard let key = source.key else { return }
        if portion.isLast {
          try IngestPlace.remove(for: key, in: connection)
        } else {
          try place.store(for: key, in: connection)
        }
      }
    } catch {
      writer.forgetIDs()
      throw error
    }
    source.place = place
  }
}
