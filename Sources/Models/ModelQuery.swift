import Definitions
import Foundation
import SQLite
import Values

/// Why a model gave no rows.
public enum ModelFailure: Error, Equatable, Sendable {
  /// Its SELECT cannot be run as it stands.
  case mistake(ModelMistake)
  /// It took longer than its file allows.
  case overdue(Duration)
  /// SQLite gave up in the middle. The message holds no value.
  case failed(String)
  /// The rows are more than can be held.
  case tooMany(Int)
}

/// The SELECT of a model, run under restrictions: it reads the documented views and nothing else,
/// calls functions that depend on nothing but their arguments, asks no clock, and ends in time.
public struct ModelQuery {
  /// Rows that one model may give.
  public static let rowLimit = 20_000_000

  public let model: ModelDefinition
  /// Seconds on any clock that does not go back.
  public var seconds: () -> Double = { ProcessInfo.processInfo.systemUptime }

  public init(_ model: ModelDefinition) { self.model = model }

  /// The columns that the SELECT gives. It is prepared and begun, so that what SQLite works out before
  /// the first row is checked, too.
  ///
  /// - Parameter connection: of a store without events, that nothing has to be waited for.
  public func columns(_ connection: Connection) throws(ModelFailure) -> [String] {
    var columns: [String] = []
    try withStatement(connection, at: Instant(milliseconds: 0)) { statement in
      columns = statement.columnNames
      _ = try statement.step()
    }
    return columns
  }

  /// Calls `body` with the columns and the statement for each row.
  ///
  /// - Parameter now: what `:now` is: text, ISO 8601 in UTC with milliseconds.
  public func forEach(
    _ connection: Connection, at now: Instant,
    _ body: (_ columns: [String], _ row: Statement) throws -> Void
  ) throws(ModelFailure) {
    var count = 0
    try withStatement(connection, at: now) { statement in
      let columns = statement.columnNames
      while try statement.step() {
        count += 1
        guard count <= Self.rowLimit else { throw ModelFailure.tooMany(Self.rowLimit) }
        try body(columns, statement)
      }
    }
  }

  private func withStatement(
    _ connection: Connection, at now: Instant, _ body: (Statement) throws -> Void
  ) throws(ModelFailure) {
    if let table = model.source(among: ModelFunctions.behindViews) {
      throw .mistake(.table(table))
    }
    let end = seconds() + Double(model.timeLimit.milliseconds) / 1000
    let restriction = Restriction(
      functions: ModelFunctions.allowed, views: Set(ModelDefinition.views),
      tables: ModelFunctions.tables,
      behindViews: ModelFunctions.behindViews, isOverdue: { seconds() > end })
    var isPrepared = false
    do {
      // SQLite writes a table that is a function into its schema, in memory, when it is first named.
      for table in ModelFunctions.tables {
        _ = try connection.prepareFresh("SELECT 1 FROM \(table)('[]')")
      }
      try connection.restricted(to: restriction) {
        let statement = try prepare(connection)
        isPrepared = true
        for (index, name) in statement.parameterNames.enumerated() {
          guard name == ":now" else {
            throw ModelFailure.mistake(.parameter(name.isEmpty ? "?" : name))
          }
          try statement.bind(.text(now.description), at: Int32(index + 1))
        }
        try body(statement)
        if restriction.denial == .clock { throw ModelFailure.mistake(.clock) }
      }
    } catch {
      throw failure(error, restriction, isPrepared: isPrepared, connection)
    }
  }

  private func prepare(_ connection: Connection) throws -> Statement {
    let sql = model.sql
    let (first, rest) = try Statement.first(of: sql, connection)
    guard let first else { throw ModelFailure.mistake(.noRows) }
    if let offset = secondStatement(sql, after: rest, connection) {
      throw ModelFailure.mistake(.secondStatement(offset: offset))
    }
    guard first.columnCount > 0, first.isReadOnly else { throw ModelFailure.mistake(.noRows) }
    return first
  }

  /// Where something follows that is no comment.
  private func secondStatement(_ sql: String, after rest: Int, _ connection: Connection) -> Int? {
    var rest = rest
    while rest < sql.utf8.count {
      let tail = String(decoding: sql.utf8.dropFirst(rest), as: UTF8.self)
      // What is not even a statement follows, too.
      guard let next = try? Statement.first(of: tail, connection), next.statement == nil else {
        return rest + tail.utf8.prefix { $0 <= 0x20 }.count
      }
      guard next.rest > 0 else { return nil }
      rest += next.rest
    }
    return nil
  }

  private func failure(
    _ error: any Error, _ restriction: Restriction, isPrepared: Bool, _ connection: Connection
  ) -> ModelFailure {
    switch restriction.denial {
    case .function(let name): return .mistake(.function(name))
    case .table(let name): return .mistake(.table(name))
    case .action(let name): return .mistake(.action(name))
    case .clock: return .mistake(.clock)
    case nil: break
    }
    if restriction.wasOverdue { return .overdue(model.timeLimit) }
    if let failure = error as? ModelFailure { return failure }
    guard let error = error as? SQLiteError else { return .failed("\(type(of: error))") }
    if !isPrepared {
      return .mistake(.refused(message: error.message, offset: connection.errorOffset))
    }
    // At run time a message may quote what stands in a row.
    let known = ["integer overflow", "malformed JSON", "string or blob too big"]
    return .failed(known.contains(error.message) ? error.message : "SQLite's code \(error.code)")
  }
}
