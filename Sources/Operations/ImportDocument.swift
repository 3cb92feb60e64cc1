import Definitions
import Values

/// What Segment's public API returned, taken apart into its audiences and computed traits.
///
/// The shapes are those of the API's answers (https://docs.segmentapis.com) and what people make of
/// them: an object, an array, `{"data": {"audiences": […]}}`, `{"data": {"audience": {…}}}`, the
/// same with `computedTraits` and `computedTrait`, and several such pages in an array.
struct ImportDocument {
  /// One audience or computed trait, unread.
  struct Item {
    let value: Value
    /// Which of the two the envelope says it is; nil when there is none.
    let kind: Definition.Kind?
  }

  private(set) var items: [Item] = []
  /// Whether the last list ends with a cursor to a next page.
  private(set) var hasMorePages = false

  private static let lists: [(key: String, kind: Definition.Kind)] = [
    ("audiences", .audience), ("computedTraits", .trait),
  ]
  private static let singles: [(key: String, kind: Definition.Kind)] = [
    ("audience", .audience), ("computedTrait", .trait),
  ]

  /// Nil when the JSON is none of the shapes.
  init?(_ value: Value) {
    switch value {
    case .array(let elements):
      for element in elements where !addEnvelope(element) {
        items.append(Item(value: element, kind: nil))
      }
    case .object:
      if addEnvelope(value) { return }
      guard ["name", "definition"].contains(where: value.has) else { return nil }
      items = [Item(value: value, kind: nil)]
    default: return nil
    }
  }

  /// False, and nothing added, when the value is not an envelope.
  private mutating func addEnvelope(_ value: Value) -> Bool {
    let data = value["data"].isPresent ? value["data"] : value
    var found = false
    for (key, kind) in Self.lists {
      guard case .array(let elements) = data[key] else { continue }
      found = true
      items += elements.map { Item(value: $0, kind: kind) }
      hasMorePages = data["pagination"]["next"].isPresent
    }
    for (key, kind) in Self.singles where data.has(key) {
      found = true
      items.append(Item(value: data[key], kind: kind))
    }
    return found
  }
}

extension Value {
  /// Whether an object has a key, be its value `null`.
  func has(_ key: String) -> Bool {
    guard case .object(let members) = self else { return false }
    return members.contains { $0.key.isExactly(key) }
  }
}
