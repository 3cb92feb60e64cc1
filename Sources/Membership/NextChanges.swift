import SQLite
import Values

/// When profiles must be looked at again though nothing happens.
public enum NextChanges {
  /// The profiles whose next change has come, in order.
  public static func due(at: Instant, _ connection: Connection) throws -> [Int64] {
    try connection.prepare("SELECT profile FROM next_changes WHERE at <= ? ORDER BY profile")
      .all(.init(at.milliseconds)) { $0.int(0) }
  }

  /// The stored next change of a profile; nil when there is none.
  public static func next(of profile: Int64, _ connection: Connection) throws -> Instant? {
    try connection.prepare("SELECT at FROM next_changes WHERE profile = ?")
      .first(.init(profile)) { Instant(milliseconds: $0.int(0)) }
  }
}
