import SQLite
import Values

/// An event as it waits in the store: its parts, with encoded properties ordered by name.
struct ModelEventItem {
  let identity: String
  let event: String
  let timestamp: Instant?
  let properties: [Value.Member]

  init(identity: String, event: String, timestamp: Instant?, properties: [Value.Member]) {
    self.identity = identity
    self.event = event
    self.timestamp = timestamp
    self.properties = properties
  }

  var json: String {
    var members: [Value.Member] = [
      .init("event", .string(event)), .init("identity", .string(identity)),
      .init("properties", .object(properties)),
    ]
    if let timestamp { members.append(.init("timestamp", .string(timestamp.description))) }
    return Value.object(members).json
  }

  init(json: String) throws {
    guard let value = try? Value(json: json), case .string(let identity) = value["identity"],
      case .string(let event) = value["event"], case .object(let properties) = value["properties"]
    else { throw SQLiteError.damaged("model_events") }
    self.identity = identity
    self.event = event
    self.properties = properties
    if case .string(let text) = value["timestamp"] {
      timestamp = Instant(iso8601: text)
    } else {
      timestamp = nil
    }
  }
}
