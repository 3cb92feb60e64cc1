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
          "SELECT key, id FROM definitions WHERE is_removed = 0 ORDER BY key"
        ).all { ($0.text(0), $0.int(1)) }
        guard let (_, id) = keys.first(where: { $0.0 == key }) else {
          throw OperationError(
            .usage, "the store holds no definition '\(key)'",
            help: Suggestion.help(for: key, in: keys.map(\.0))
              ?? "run 'rollcall run' to compute what the folder holds")
        }
        if format == .csv { try write("user_id,value\n") }
        let statement = try store.connection.prepare(
          """
          SELECT i.external_id, m.value FROM members AS m JOIN identities AS i ON i.id = m.profile
          WHERE m.definition = ? ORDER BY i.external_id
          """)
        try statement.forEach(.init(id)) { row in
          try write(Self.line(row.text(0), row.text(1), format))
        }
      }
    }
  }

  private static func line(_ id: String, _ value: String, _ format: ExportFormat) -> String {
    switch format {
    case .ndjson: return "{\"user_id\":" + Value.string(id).json + ",\"value\":" + value + "}\n"
    case .csv:
      let text = (try? Value(json: value))?.textForm ?? ""
      return quoted(id) + "," + quoted(text) + "\n"
    }
  }

  /// RFC 4180: quotes around a field with a comma, a quote or a line break, quotes doubled.
  private static func quoted(_ field: String) -> String {
    guard field.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
