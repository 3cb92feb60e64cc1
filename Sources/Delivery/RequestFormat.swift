import Definitions
import Values

/// The bytes of a request, for a kind of destination.
///
/// Equal items make equal bytes: keys are sorted, numbers are printed as ECMAScript does, and there
/// are no spaces.
public struct RequestFormat: Sendable {
  private let target: DestinationDefinition.Target

  public init(_ destination: DestinationDefinition) { target = destination.target }

  /// Bytes of a request without items, and without a timestamp.
  var envelopeSize: Int { body([], at: Instant(milliseconds: 0)).utf8.count }

  /// One user with its properties.
  func item(_ item: Outbox.Item) -> String {
    let properties = Value.object(item.properties.map { Value.Member($0.key, $0.value) })
    switch target {
    case .heap:
      return Value.object([
        .init("identity", .string(item.identity)), .init("properties", properties),
      ]).json
    case .file:
      // The timestamp follows; the brace is closed behind it.
      let text = Value.object([
        .init("type", .string("identify")), .init("userId", .string(item.identity)),
        .init("traits", properties),
      ]).json
      return String(text.dropLast())
    }
  }

  /// The whole body: for Heap the bulk form of "Add user properties", for a file one identify call
  /// a line.
  func body(_ items: [Outbox.Item], at: Instant) -> String {
    switch target {
    case .heap(let appID, _):
      let app = Value.string(appID ?? "").json
      return "{\"app_id\":" + app + ",\"users\":["
        + items.map(item).joined(separator: ",") + "]}"
    case .file:
      return items.map { item($0) + ",\"timestamp\":\"\(at)\"}\n" }.joined()
    }
  }
}
