import Definitions
import SQLite
import Values

/// One row of a model that can be sent.
public struct ModelRow: Sendable, Equatable {
  /// Whose it is: the user's identity, or the account's id.
  public let identity: String
  /// Of events: what tells them apart, their name, and their time when they have one.
  public let insertID: String?
  public let event: String?
  public let timestamp: Instant?
  /// The values of the mapped columns, in the order of the mappings.
  public let values: [Value]
}

/// Why a row cannot be sent. The raw value stands in machine output.
public enum InvalidRow: String, Sendable, CaseIterable {
  case nullKey = "null_key"
  case blankKey = "blank_key"
  case longKey = "long_key"
  /// Neither a text nor an integer.
  case badKey = "bad_key"
  /// More than one row has the key: none of them is sent.
  case duplicateKey = "duplicate_key"
  case badEvent = "bad_event"
  case badTimestamp = "bad_timestamp"
  /// A value is a blob.
  case badValue = "bad_value"
}

/// All rows of a model at one instant.
public struct ModelRows: Sendable {
  /// What the values of the rows become.
  public internal(set) var properties: [String] = []
  /// The rows that can be sent, ordered by what tells them apart.
  public internal(set) var rows: [ModelRow] = []
  /// How many there are in all.
  public internal(set) var count = 0
  public internal(set) var invalid: [InvalidRow: Int] = [:]

  public var invalidCount: Int { invalid.values.reduce(0, +) }

  /// Runs a model.
  public init(
    _ query: ModelQuery, _ connection: Connection, at now: Instant
  ) throws(ModelFailure) {
    var found: [ExactString: ModelRow] = [:]
    var double: Set<ExactString> = []
    var reader: ModelRowReader?
    var rows = self
    try query.forEach(connection, at: now) { columns, statement in
      let current = try reader ?? ModelRowReader(query.model, columns)
      reader = current
      rows.count += 1
      do {
        let row = try current.read(statement)
        let key = ExactString(row.insertID ?? row.identity)
        if double.contains(key) { throw Invalid(.duplicateKey) }
        if found.removeValue(forKey: key) != nil {
          double.insert(key)
          rows.invalid[.duplicateKey, default: 0] += 1
          throw Invalid(.duplicateKey)
        }
        found[key] = row
      } catch let error as Invalid {
        rows.invalid[error.reason, default: 0] += 1
      }
    }
    self = rows
    properties = reader?.properties ?? []
    self.rows = found.sorted { $0.key < $1.key }.map(\.value)
  }

  struct Invalid: Error {
    let reason: InvalidRow
    init(_ reason: InvalidRow) { self.reason = reason }
  }

  private init() {}
}

/// Reads the rows of one SELECT.
struct ModelRowReader {
  let properties: [String]
  private let identity: Int32
  private let insertID: Int32?
  private let eventName: ModelDefinition.EventName?
  private let eventColumn: Int32?
  private let timestamp: Int32?
  private let values: [Int32]

  init(_ model: ModelDefinition, _ columns: [String]) throws {
    func place(_ name: String) throws -> Int32 {
      guard let place = columns.firstIndex(where: { $0.isExactly(name) }) else {
        // A check comes before each run; the views may have changed in between.
        throw ModelFailure.failed("the SELECT gives no column '\(name)'")
      }
      return Int32(place)
    }
    identity = try place(model.identity.name)
    insertID = try model.insertID.map { try place($0.name) }
    eventName = model.eventName
    eventColumn =
      if case .column(let column) = model.eventName { try place(column.name) } else { nil }
    timestamp = try model.timestamp.map { try place($0.name) }
    let mappings = model.mappings(of: columns)
    properties = mappings.map(\.property)
    values = try mappings.map { try place($0.column) }
  }

  func read(_ row: Statement) throws -> ModelRow {
    let identity = try key(row.datum(identity), limit: Self.identityLimit)
    let insertID = try insertID.map { try key(row.datum($0), limit: nil) }
    return ModelRow(
      identity: identity, insertID: insertID, event: try eventName(row),
      timestamp: try timestamp.flatMap { try time(row.datum($0)) },
      values: try values.map { try value(row.datum($0)) })
  }

  /// UTF-16 units of an identity. Source: Heap's server-side API reference.
  static let identityLimit = 255
  static let eventNameLimit = 1024

  private func key(_ datum: Datum, limit: Int?) throws -> String {
    let text: String
    switch datum {
    case .null: throw ModelRows.Invalid(.nullKey)
    case .integer(let number): text = String(number)
    case .text(let key): text = key
    case .real, .blob: throw ModelRows.Invalid(.badKey)
    }
    if text.isBlank { throw ModelRows.Invalid(.blankKey) }
    if let limit, text.utf16.count > limit { throw ModelRows.Invalid(.longKey) }
    return text
  }

  private func eventName(_ row: Statement) throws -> String? {
    if case .fixed(let name) = eventName { return name }
    guard let eventColumn else { return nil }
    guard case .text(let name) = row.datum(eventColumn), !name.isBlank,
      name.utf16.count <= Self.eventNameLimit
    else { throw ModelRows.Invalid(.badEvent) }
    return name
  }

  /// ISO 8601, or as SQLite's `datetime` writes it; UTC unless it says another zone.
  private func time(_ datum: Datum) throws -> Instant? {
    switch datum {
    case .null: return nil
    case .text(let text):
      var bytes = Array(text.utf8)
      if bytes.count > 10, bytes[10] == 0x20 { bytes[10] = UInt8(ascii: "T") }
      guard let instant = Instant(iso8601: String(decoding: bytes, as: UTF8.self)) else {
        throw ModelRows.Invalid(.badTimestamp)
      }
      return instant
    default: throw ModelRows.Invalid(.badTimestamp)
    }
  }

  private func value(_ datum: Datum) throws -> Value {
    switch datum {
    case .null: return .absent
    case .integer(let number):
      // Past 2^53 a double cannot tell neighbours apart.
      return number.magnitude < 1 << 53 ? .number(Double(number)) : .string(String(number))
    case .real(let number): return .number(number)
    case .text(let text): return .string(text)
    case .blob: throw ModelRows.Invalid(.badValue)
    }
  }
}

extension String {
  fileprivate var isBlank: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}
