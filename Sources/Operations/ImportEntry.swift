import Definitions
import Values

/// One audience or computed trait as Segment describes it, with the name and key that it will have.
///
/// The fields are those of the API's `AudienceSummary` and `ComputedTraitSummary`
/// (https://github.com/segmentio/public-api-sdk-go): `name`, `description`, `key`, `enabled`,
/// `definition`, which may be null, and `options`.
struct ImportEntry {
  let name: String
  let key: String
  /// Nil when only the query can tell.
  let kind: Definition.Kind?
  private let value: Value

  init(_ item: ImportDocument.Item) throws(ImportRefusal) {
    value = item.value
    kind = item.kind
    guard case .object = item.value else { throw .notAnObject }
    let name = (try Self.text("name", item.value) ?? "").onOneLine
    guard !name.isEmpty else { throw .noName }
    self.name = name
    key = try Self.text("key", item.value) ?? PropertyKey.from(name: name)
    if let problem = PropertyKey.problem(with: key) { throw .badKey(key, problem: problem) }
  }

  /// What the entry is called in a report, whatever is wrong with it.
  static func label(_ value: Value, at place: Int) -> String {
    for field in ["name", "key"] {
      if case .string(let text) = value[field], !text.onOneLine.isEmpty { return text.onOneLine }
    }
    return "entry \(place + 1)"
  }

  /// Everything that a definition file can say of the entry.
  func draft() throws(ImportRefusal) -> ImportDraft {
    let description = (try Self.text("description", value) ?? "").onOneLine
    let isEnabled = try Self.flag("enabled", value) ?? true
    let definition = value["definition"]
    guard definition.isPresent else { throw .noDefinition }
    let query = try Self.text("query", definition) ?? ""
    guard query.utf8.contains(where: { $0 > 0x20 }) else { throw .noQuery }
    if let entity = try Self.text("targetEntity", definition), entity != "profile" {
      throw .entity(entity)
    }
    return ImportDraft(
      name: name, key: key, description: description, subject: try subject(definition),
      isEnabled: isEnabled,
      includesAnonymous: value["options"]["includeAnonymousUsers"] == .boolean(true),
      query: query, notPortable: notPortable)
  }

  /// `definition.type`, or the audience's own `audienceType`. A linked audience about profiles is
  /// one of users; what it asks of entities is in its query.
  private func subject(_ definition: Value) throws(ImportRefusal) -> Definition.Subject {
    let own = try Self.text("audienceType", value)
    let type = try Self.text("type", definition) ?? own ?? "users"
    switch type.lowercased() {
    case "users", "linked": return .users
    case "accounts": return .accounts
    default: throw .unknownType(type)
    }
  }

  /// The options that ask for something else than what happens here.
  private var notPortable: [ImportReport.Option] {
    guard case .object(let options) = value["options"] else { return [] }
    return options.compactMap { option in
      guard option.value.isPresent else { return nil }
      let reason: String? =
        switch option.key {
        case "includeAnonymousUsers": nil
        case "includeHistoricalData" where option.value == .boolean(true): nil
        case "includeHistoricalData": "all events on file count, those before its creation too"
        case "filterByExternalIds" where option.value == .array([.string("user_id")]): nil
        case "filterByExternalIds": "every profile with a user id takes part, and no other"
        case "backfillEventDataDays", "backfillDurationDays": "all events on file count"
        default: "there is no such setting here"
        }
      return reason.map { ImportReport.Option(key: key, name: option.key, reason: $0) }
    }
  }

  private static func text(_ field: String, _ value: Value) throws(ImportRefusal) -> String? {
    switch value[field] {
    case .absent: return nil
    case .string(let text): return text
    default: throw .notText(field)
    }
  }

  private static func flag(_ field: String, _ value: Value) throws(ImportRefusal) -> Bool? {
    switch value[field] {
    case .absent: return nil
    case .boolean(let flag): return flag
    default: throw .notFlag(field)
    }
  }
}

extension String {
  /// The text with every run of white space and control characters around a line break as one
  /// space, and none at its ends.
  fileprivate var onOneLine: String {
    let lines = unicodeScalars.split { scalar in
      scalar.value < 0x20 && scalar != "\t" || scalar.value == 0x7F || scalar == "\u{85}"
        || scalar == "\u{2028}" || scalar == "\u{2029}"
    }
    return lines.map { line in
      let start = line.drop { $0 == " " || $0 == "\t" }
      return String(
        String.UnicodeScalarView(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed()))
    }.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
