/// Brings a store's schema to the version of this binary, step by step, in one transaction.
public struct Migration: Sendable {
  /// One script a version: the first makes version 1 out of an empty file.
  public let scripts: [String]
  /// What has to be done behind the script of a version that SQL alone cannot do.
  public let work: [Int: @Sendable (Connection) throws -> Void]
  /// What marks a file as a Rollcall store (`PRAGMA application_id`).
  public let applicationID: Int64
  /// The bytes of a page of a file that is made; SQLite's own when nil. A file keeps what it has.
  public let pageSize: Int?

  public init(
    applicationID: Int64, scripts: [String], pageSize: Int? = nil,
    work: [Int: @Sendable (Connection) throws -> Void] = [:]
  ) {
    self.pageSize = pageSize
    self.applicationID = applicationID
    self.scripts = scripts
    self.work = work
  }

  /// Why a file cannot be used as a store.
  public enum Failure: Error, Equatable, Sendable {
    /// The store was written by a newer binary.
    case newer(version: Int64, known: Int64)
    /// A SQLite database, but of another program.
    case foreign
    /// Opened to be read only, and older than this binary.
    case older(version: Int64, known: Int64)
    /// Nothing was ever stored in it, and it is not to be made a store.
    case empty
  }

  /// The version that this binary writes.
  public var version: Int64 { Int64(scripts.count) }

  /// Checks the version of an open store and, unless `readOnly`, brings it up to date.
  ///
  /// - Parameter creates: whether an empty file becomes a store.
  public func apply(to connection: Connection, readOnly: Bool, creates: Bool = true) throws {
    let refusesEmpty = readOnly || !creates
    let isCurrent = try isCurrent(connection, readOnly: readOnly, refusesEmpty: refusesEmpty)
    if readOnly { return }
    // Of a file that has something in it this changes nothing.
    if !isCurrent, let pageSize { try connection.execute("PRAGMA page_size = \(pageSize)") }
    // Not before it is known whose file this is.
    try connection.execute("PRAGMA journal_mode = WAL")
    if isCurrent { return }
    try connection.transaction("migrate") {
      // Another process may have done it while this one waited for the lock.
      if try self.isCurrent(connection, readOnly: false, refusesEmpty: false) { return }
      let version = try Self.pragma("user_version", connection)
      for (place, script) in scripts.enumerated().dropFirst(Int(version)) {
        try connection.execute(script)
        try work[place + 1]?(connection)
      }
      try connection.execute("PRAGMA application_id = \(applicationID)")
      try connection.execute("PRAGMA user_version = \(self.version)")
    }
  }

  private func isCurrent(
    _ connection: Connection, readOnly: Bool, refusesEmpty: Bool
  ) throws -> Bool {
    let version = try Self.pragma("user_version", connection)
    let application = try Self.pragma("application_id", connection)
    if application != applicationID {
      let tables = try connection.prepare("SELECT count(*) FROM sqlite_schema")
        .first { $0.int(0) }
      guard application == 0, version == 0, tables == 0 else { throw Failure.foreign }
      if refusesEmpty { throw Failure.empty }
      return false
    }
    guard version <= self.version else {
      throw Failure.newer(version: version, known: self.version)
    }
    if readOnly, version < self.version {
      throw Failure.older(version: version, known: self.version)
    }
    return version == self.version
  }

  private static func pragma(_ name: String, _ connection: Connection) throws -> Int64 {
    try connection.prepare("PRAGMA \(name)").first { $0.int(0) } ?? 0
  }
}
