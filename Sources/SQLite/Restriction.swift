import CSQLite

/// What a statement that somebody else wrote may do, and what it tried beyond that.
///
/// It may select, call the functions that are listed, and read the views that are listed with what
/// those read. Everything else is refused by SQLite itself when the statement is prepared; the clock
/// when it is asked.
public final class Restriction {
  public enum Denial: Equatable, Sendable {
    case function(String)
    case table(String)
    /// Anything else, in SQL's word: `PRAGMA`.
    case action(String)
    case clock
  }

  let functions: Set<String>
  let views: Set<String>
  let tables: Set<String>
  let behindViews: Set<String>
  let isOverdue: () -> Bool
  /// The first thing that was refused.
  public private(set) var denial: Denial?
  /// Whether the statement was ended because its time was over.
  public private(set) var wasOverdue = false

  /// - Parameters:
  ///   - behindViews: what the views read; its rows may be counted, its columns are not read.
  ///   - functions: in lower case.
  ///   - views: of the database; what they read may be read through them.
  ///   - tables: functions that give tables, as `json_each`.
  ///   - isOverdue: whether the time is over; asked every few thousand steps.
  public init(
    functions: Set<String>, views: Set<String>, tables: Set<String>,
    behindViews: Set<String>, isOverdue: @escaping () -> Bool
  ) {
    self.functions = functions
    self.views = views
    self.tables = tables
    self.behindViews = behindViews
    self.isOverdue = isOverdue
  }

  func note(_ denial: Denial) {
    if self.denial == nil { self.denial = denial }
  }

  fileprivate func allows(
    _ action: Int32, _ first: String?, _ second: String?, through view: String?
  ) -> Bool {
    switch action {
    case SQLITE_SELECT, SQLITE_RECURSIVE: return true
    case SQLITE_FUNCTION:
      let name = (second ?? "").lowercased()
      if functions.contains(name) { return true }
      note(.function(name))
    case SQLITE_READ:
      let table = (first ?? "").lowercased()
      if views.contains(table) || tables.contains(table) { return true }
      if let view, views.contains(view.lowercased()) { return true }
      // SQLite merges a view into the statement and asks again for the tables of which no column is
      // needed, without saying that they are the view's.
      if second?.isEmpty == true, behindViews.contains(table) { return true }
      note(.table(first ?? ""))
    case SQLITE_PRAGMA: note(.action("PRAGMA"))
    case SQLITE_ATTACH: note(.action("ATTACH"))
    case SQLITE_DETACH: note(.action("DETACH"))
    case SQLITE_INSERT: note(.action("INSERT"))
    case SQLITE_UPDATE: note(.action("UPDATE"))
    case SQLITE_DELETE: note(.action("DELETE"))
    case SQLITE_TRANSACTION, SQLITE_SAVEPOINT: note(.action("a transaction"))
    default: note(.action("anything but SELECT"))
    }
    return false
  }

  fileprivate func endsNow() -> Bool {
    if isOverdue() { wasOverdue = true }
    return wasOverdue
  }
}

extension Connection {
  /// Runs `body`, in which this connection prepares and runs what the restriction allows.
  public func restricted<Result>(
    to restriction: Restriction, _ body: () throws -> Result
  ) throws -> Result {
    let pointer = Unmanaged.passUnretained(restriction).toOpaque()
    sqlite3_set_authorizer(
      handle,
      { pointer, action, first, second, _, view in
        guard let pointer else { return SQLITE_DENY }
        let restriction = Unmanaged<Restriction>.fromOpaque(pointer).takeUnretainedValue()
        func text(_ start: UnsafePointer<CChar>?) -> String? { start.map { String(cString: $0) } }
        return restriction.allows(action, text(first), text(second), through: text(view))
          ? SQLITE_OK : SQLITE_DENY
      }, pointer)
    sqlite3_progress_handler(
      handle, Self.stepsBetweenLooks,
      { pointer in
        guard let pointer else { return 1 }
        return Unmanaged<Restriction>.fromOpaque(pointer).takeUnretainedValue().endsNow() ? 1 : 0
      }, pointer)
    defer {
      sqlite3_set_authorizer(handle, nil, nil)
      sqlite3_progress_handler(handle, 0, nil, nil)
    }
    return try Clock.hidden(restriction, body)
  }

  private static let stepsBetweenLooks: Int32 = 2000

  /// Where in its text the last statement was found wrong, in bytes; nil when that has no place.
  public var errorOffset: Int? {
    let offset = sqlite3_error_offset(handle)
    return offset < 0 ? nil : Int(offset)
  }
}
