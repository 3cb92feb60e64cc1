import SQLite
import Values

/// A SQL model of the chaos, over the events of so many days: rows come, are edited, and vanish.
struct ChaosModel {
  enum Object: String {
    case user, account, event
  }

  let file: String
  let object: Object
  /// The front matter behind `object`.
  private let front: String
  /// The columns that are sent, in their order behind the id.
  let properties: [String]
  /// What is asked for, up to the window, and what stands behind it.
  private let select: String
  private let end: String
  var days: Int
  var isEnabled = true

  static let all = [
    ChaosModel(
      file: "habits.sql", object: .user,
      front: "identity: id\ncolumns: habit_count, habit_odd, habit_town",
      properties: ["habit_count", "habit_odd", "habit_town"],
      select: """
        SELECT canonical_user_id AS id, count(*) AS habit_count,
          nullif(count(*) % 2, 0) AS habit_odd, max(traits ->> '$.town') AS habit_town
        FROM event_log WHERE canonical_user_id IS NOT NULL AND timestamp <= :now
        """, end: "GROUP BY canonical_user_id", days: 25),
    ChaosModel(
      file: "circle.sql", object: .account,
      front: "account_id: id\ncolumns: circle_calls, circle_latest",
      properties: ["circle_calls", "circle_latest"],
      select: """
        SELECT account_id AS id, count(*) AS circle_calls, max(timestamp) AS circle_latest
        FROM event_log WHERE account_id IS NOT NULL AND timestamp <= :now
        """, end: "GROUP BY account_id", days: 15),
    ChaosModel(
      file: "purchases.sql", object: .event,
      front: """
        identity: id
        event: 'Purchase'
        timestamp_column: time
        insert_id: insert_id
        columns: message, number
        """,
      properties: ["message", "number"],
      select: """
        SELECT canonical_user_id AS id, timestamp AS time, message_id AS insert_id,
          message_id AS message,
          row_number() OVER (PARTITION BY canonical_user_id ORDER BY timestamp, seq) AS number
        FROM event_log
        WHERE event = 'Bought' AND canonical_user_id IS NOT NULL AND timestamp <= :now
        """, end: "", days: 40),
  ]

  private var query: String {
    """
    \(select)
      AND timestamp > strftime('%Y-%m-%dT%H:%M:%fZ', :now, '-\(days) days')
    \(end)
    """
  }

  var text: String {
    """
    ---
    object: \(object)
    \(front)
    enabled: \(isEnabled)
    ---
    \(query)

    """
  }

  /// A row as the store gives it.
  struct Row {
    /// `user ID` or `account ID`.
    let whose: String
    /// Each property with its value as JSON; nil for NULL.
    let values: [(property: String, value: String?)]
    /// The whole row as an event; nil for users and accounts.
    let event: Event?
  }

  /// What Heap holds of an event of the model.
  struct Event: Hashable {
    let identity: String
    let time: String
    let message: String
    let number: Int
  }

  /// What the SELECT gives on a store at an instant, asked of SQLite itself.
  func rows(_ connection: Connection, at: String) throws -> [Row] {
    let sql = query.replacing(":now", with: "'\(at)'")
    return try connection.prepareFresh(sql).all { row in
      let id = row.text(0)
      guard object == .event else {
        let values = properties.enumerated().map { place, name in
          (property: name, value: row.optionalText(Int32(place + 1)).map(Self.json))
        }
        return Row(whose: "\(object) \(id)", values: values, event: nil)
      }
      let event = Event(
        identity: id, time: row.text(1), message: row.text(3), number: Int(row.int(4)))
      return Row(whose: "user \(id)", values: [], event: event)
    }
  }

  /// Counts are numbers and everything else is text, and no text here is digits alone.
  private static func json(_ text: String) -> String {
    text.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } ? text : Value.string(text).json
  }
}
