import EventStore
import Foundation
import Membership
import Models
import SQLite
import Values

/// An open store: the file with everything in it.
public struct Store {
  public let path: String
  public let connection: Connection

  /// "Roll" in ASCII, so that the file is known by what it is.
  static let migration = Migration(
    applicationID: 0x526F_6C6C,
    scripts: [
      EventStoreSchema.version1 + MembershipSchema.version1,
      EventStoreSchema.messagesVersion2 + EventStoreSchema.historiesVersion2
        + MembershipSchema.version2,
      // The guard stands last: its triggers belong to the tables as they are then.
      EventStoreSchema.affiliationsVersion3 + DeliverySchema.version3
        + EventStoreSchema.canonicalVersion3 + ModelSchema.version3 + MeterSchema.version3
        + GuardSchema.version3,
      SpellsSchema.version4 + AudienceEventSchema.version4,
      EventStoreSchema.historyPartsVersion5 + EventStoreSchema.digestsVersion5
        + MembershipSchema.wakesVersion5,
      MembershipSchema.blocksVersion6 + EventStoreSchema.filtersVersion6,
      EventStoreSchema.partRunsVersion7,
      MembershipSchema.recentVersion8 + MembershipSchema.standingsVersion8,
      MembershipSchema.latestVersion9,
    ],
    // A quarter of the pages to write, to check and to copy. A tick reads more bytes for each user then, which costs
    // less than that saves where there are many.
    pageSize: 16 << 10,
    work: [6: Standings.migrateToVersion6, 7: HistoryParts.migrateToVersion7])

  /// Opens a store.
  ///
  /// - Parameters:
  ///   - create: whether a missing or empty file becomes a store. Only `ingest` does that.
  ///   - wait: how long to wait for another process, at most.
  /// - Throws: `OperationError` of kind `.store` for a file that is missing, locked, read-only, not
  ///   a store, damaged, or from a newer version.
  public init(path: String, create: Bool = false, wait: Duration) throws {
    self.path = path
    if !create, !FileManager.default.fileExists(atPath: path) {
      throw OperationError(
        .store, "there is no store '\(path)'",
        help: "make one with 'rollcall ingest FILE', or name another with --store FILE")
    }
    do {
      let timeout = Int32(clamping: wait.milliseconds)
      connection = try Connection(
        path: path, mode: create ? .create : .readWrite, busyTimeout: timeout)
      try Self.migration.apply(to: connection, readOnly: false, creates: create)
    } catch {
      throw OperationError(storeFailure: error, path: path) ?? error
    }
  }

  /// Opens a store to look at it: nothing is written, and no writer is waited for.
  ///
  /// The file is opened like any other's, because SQLite leaves its `-wal` and `-shm` files behind
  /// when the last one to close may only read.
  ///
  /// - Parameter wait: how long to wait for another process that opens, mends or closes the store,
  ///   at most; a second is enough.
  init(lookingAt path: String, wait: Duration) throws(OperationError) {
    self.path = path
    do {
      let timeout = Int32(clamping: min(wait.milliseconds, 1000))
      connection = try Connection(path: path, mode: .readWrite, busyTimeout: timeout)
      try connection.execute("PRAGMA query_only = ON")
      try Self.migration.apply(to: connection, readOnly: true)
    } catch {
      throw OperationError(storeFailure: error, path: path)
        ?? OperationError(.store, "the store '\(path)' cannot be opened")
    }
  }
}

extension OperationError {
  /// The failure of a store in words; nil when it is none.
  public init?(storeFailure error: any Error, path: String) {
    switch error {
    case let error as SQLiteError:
      let (message, help) = Self.words(error, path)
      self.init(.store, message, help: help)
    case Migration.Failure.newer(let version, let known):
      self.init(
        .store, "the store '\(path)' is from a newer version (\(version), this one knows \(known))",
        help: "use a newer rollcall")
    case Migration.Failure.foreign:
      self.init(
        .store, "'\(path)' is a SQLite database, but not a Rollcall store",
        help: "name another file with --store FILE")
    case Migration.Failure.older, Migration.Failure.empty:
      self.init(.store, "the store '\(path)' is not set up yet", help: "run 'rollcall ingest FILE'")
    case let error as LockFile.Failure:
      self.init(.store, error.message, help: error.help)
    default: return nil
    }
  }

  private static func words(_ error: SQLiteError, _ path: String) -> (String, String?) {
    switch error.kind {
    case .busy:
      (
        "the store '\(path)' is locked by another process",
        "try again when it is done, or wait longer with --wait 1m"
      )
    case .readOnly:
      (
        "the store '\(path)' is read-only",
        "allow this user to write the file and its folder"
      )
    case .cannotOpen:
      (
        "the store '\(path)' cannot be opened",
        "check that the folder exists and that this user may read and write it"
      )
    case .notADatabase:
      ("'\(path)' is not a store", "name another file with --store FILE")
    case .corrupt:
      ("the store '\(path)' is damaged (\(error.message))", "restore it from a copy")
    case .full: ("the disk is full", "free some space; nothing is lost")
    case .constraint, .other:
      ("the store '\(path)' refused a step: \(error.description)", nil)
    }
  }
}
