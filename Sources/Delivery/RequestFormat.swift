import Definitions
import Membership
import Values

/// The bytes of a request, for a kind of destination and a kind of object.
///
/// Equal items make equal bytes: keys are sorted, numbers are printed as ECMAScript does, and there
/// are no spaces.
public struct RequestFormat: Sendable {
  private let target: DestinationDefinition.Target
  private let pacing: DestinationDefinition.Pacing

  public init(_ destination: DestinationDefinition) {
    target = destination.target
    pacing = destination.pacing
  }

  /// How one kind of object is written.
  private struct Words {
    let path: String
    /// Heap's name of the list, and of what names an object in it.
    let list: String
    let name: String
    /// The call in a file, and what names an object in it.
    let call: String
    let callName: String
  }

  private static func words(_ kind: ObjectKind) -> Words {
    switch kind {
    case .user:
      Words(
        path: "/api/add_user_properties", list: "users", name: "identity", call: "identify",
        callName: "userId")
    case .account:
      Words(
        path: "/api/add_account_properties", list: "accounts", name: "account_id", call: "group",
        callName: "groupId")
    case .event:
      Words(
        path: "/api/track", list: "events", name: "identity", call: "track", callName: "userId")
    }
  }

  /// Bytes of a request without items, and without a timestamp.
  func envelopeSize(_ kind: ObjectKind) -> Int {
    request([], kind, at: Instant(milliseconds: 0)).body.utf8.count
  }

  /// One object with its properties.
  func item(_ item: Outbox.Item) -> String {
    let words = Self.words(item.kind)
    let properties = Value.object(item.properties.map { Value.Member($0.key, $0.value) })
    if let event = item.event { return self.event(event, item.identity, properties) }
    switch target {
    case .heap:
      return Value.object([
        .init(words.name, .string(item.identity)), .init("properties", properties),
      ]).json
    case .file:
      // The timestamp follows; the brace is closed behind it.
      let text = Value.object([
        .init("type", .string(words.call)), .init(words.callName, .string(item.identity)),
        .init("traits", properties),
      ]).json
      return String(text.dropLast())
    }
  }

  private func event(_ event: EventCall, _ identity: String, _ properties: Value) -> String {
    switch target {
    case .heap:
      var members: [Value.Member] = [
        .init("event", .string(event.name)),
        .init("idempotency_key", .string(event.idempotencyKey)),
        .init("identity", .string(identity)), .init("properties", properties),
      ]
      if let timestamp = event.timestamp {
        members.append(.init("timestamp", .string(timestamp.description)))
      }
      return Value.object(members).json
    case .file:
      let text = Value.object([
        .init("type", .string("track")), .init("event", .string(event.name)),
        .init("messageId", .string(event.idempotencyKey)), .init("userId", .string(identity)),
        .init("properties", properties),
      ]).json
      return String(text.dropLast())
    }
  }

  /// A whole request: for Heap the bulk form of "Add user properties", "Add account
  /// properties" or "Track", for a file one identify, group or track call a line.
  func request(_ items: [Outbox.Item], _ kind: ObjectKind, at: Instant) -> Request {
    let words = Self.words(kind)
    let body: String
    switch target {
    case .heap(let appID, _):
      body =
        "{\"app_id\":" + Value.string(appID ?? "").json + ",\"\(words.list)\":["
        + items.map(item).joined(separator: ",") + "]}"
    case .file:
      body = items.map {
        item($0) + ",\"timestamp\":\"\($0.event?.timestamp ?? at)\"}\n"
      }.joined()
    }
    return Request(path: words.path, body: body)
  }

  /// The published limits that requests of a kind keep to.
  func limits(_ kind: ObjectKind) -> [Pace.Limit] {
    guard case .heap = target, pacing == .published else { return [] }
    return switch kind {
    case .user, .account: [.propertiesOfIdentity]
    case .event: [.eventsOfIdentity, .eventsOfApp]
    }
  }
}
