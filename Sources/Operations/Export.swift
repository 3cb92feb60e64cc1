import Definitions
import Membership
import SQLite
import Values

extension Session {
  public enum ExportFormat: String, Sendable, CaseIterable { case ndjson, csv }

  /// Writes the snapshot of one definition, a line for each member or present value, sorted by id.
  public func export(
    _ key: String, _ format: ExportFormat, write: (String) throws -> Void
  ) throws {
    try onStore {
      let store = try open()
      try store.connection.snapshot {
        let keys = try store.connection.prepare(
          "SELECT key, id FROM definitions WHERE NOT is_removed AND NOT is_identity ORDER BY key"
        ).all { ($0.text(0), $0.int(1)) }
        guard let (_, id) = keys.first(where: { $0.0 == key }) else {
          throw OperationError(
            .usage, "the store holds no definition '\(key)'",
            help: Suggestion.help(for: key, in: keys.map(\.0))
              ?? "run 'rollcall run' to compute what the folder holds")
        }
        let kinds = try store.connection.prepare(
          """
          SELECT DISTINCT (SELECT kind FROM identities WHERE id = profile) AS kind
          FROM members WHERE definition = ? ORDER BY kind
          """
        ).all(.init(id)) { Int($0.int(0)) }
        let lines = ExportLines(format, kinds: kinds)
        try write(lines.head)
        let statement = try store.connection.prepare(
          """
          SELECT i.external_id, m.value, i.kind
          FROM members AS m JOIN identities AS i ON i.id = m.profile
          WHERE m.definition = ? ORDER BY i.external_id, i.kind
          """)
        try statement.forEach(.init(id)) { row in
          try write(lines.line(row.text(0), Int(row.int(2)), row.text(1)))
        }
      }
    }
  }
}

/// The lines of an export: ids with values.
struct ExportLines {
  private let format: Session.ExportFormat
  private let columns: [Int]

  /// - Parameter kinds: which kinds of identities there are.
  init(_ format: Session.ExportFormat, kinds: some Collection<Int>) {
    self.format = format
    // Accounts stand alone; anonymous profiles stand beside users.
    columns = kinds.contains(2) && kinds.count == 1 ? [2] : kinds.contains(1) ? [0, 1] : [0]
  }

  /// What stands before the lines; nothing in NDJSON.
  var head: String {
    switch format {
    case .ndjson: ""
    case .csv: columns.map { Self.idNames[$0] + "," }.joined() + "value\n"
    }
  }

  /// - Parameter value: JSON.
  func line(_ id: String, _ kind: Int, _ value: String) throws -> String {
    switch format {
    case .ndjson:
      return "{\"\(Self.idNames[kind])\":" + Value.string(id).json + ",\"value\":" + value + "}\n"
    case .csv:
      let ids = columns.map { ($0 == kind ? Self.quoted(id) : "") + "," }
      let text = try MembershipSnapshot.value(value).textForm ?? ""
      return ids.joined() + Self.quoted(text) + "\n"
    }
  }

  /// What an id is called, by the kind of identity.
  private static let idNames = ["user_id", "anonymous_id", "account_id"]

  /// RFC 4180: quotes around a field with a comma, a quote or a line break, quotes doubled.
  private static func quoted(_ field: String) -> String {
    guard field.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
