import Foundation
import Values

/// Turns the text of a `.sql` file into a checked model.
struct ModelReader {
  private static let settings = [
    "name", "key", "description", "enabled", "object", "identity", "account_id", "event",
    "event_column", "timestamp_column", "insert_id", "columns", "backfill", "time_limit",
  ]
  /// What only events have.
  private static let ofEvents = [
    "event", "event_column", "timestamp_column", "insert_id", "backfill",
  ]
  /// How long a model may take when its file says nothing.
  static let usualTimeLimit = Duration(milliseconds: 60_000)
  /// UTF-16 units of an event's name. Source: Heap's server-side API reference, "Track".
  static let eventNameLimit = 1024

  let source: SourceText
  private let file: String
  var diagnostics: [Diagnostic] = []

  /// The model of a file, or nil when something in it is wrong.
  ///
  /// - Parameter file: the file's name without its extension.
  static func read(_ source: SourceText, file: String) -> (ModelDefinition?, [Diagnostic]) {
    var reader = ModelReader(source, file)
    let model = reader.read()
    return (reader.diagnostics.isEmpty ? model : nil, reader.diagnostics)
  }

  private init(_ source: SourceText, _ file: String) {
    self.source = source
    self.file = file
  }

  private mutating func read() -> ModelDefinition? {
    let (matter, mistakes) = FrontMatter.read(source, example: "object: user")
    diagnostics += mistakes
    guard let matter else { return nil }
    diagnostics += matter.unknownSettings(Self.settings, in: source)
    let name = matter["name"].map(\.value) ?? file
    let key = key(matter, name)
    let isEnabled: Bool? = choice("enabled", matter, ["true": true, "false": false])
    let object = object(matter)
    if let object { refuseOthers(matter, object) }
    let identity = object == .account ? nil : column("identity", matter, isNeeded: object != nil)
    let account = object == .account ? column("account_id", matter, isNeeded: true) : nil
    let eventName = object == .event ? eventName(matter) : nil
    let timestamp = column("timestamp_column", matter, isNeeded: false)
    let insertID = column("insert_id", matter, isNeeded: object == .event)
    let mappings = ColumnMappings.read(matter["columns"], object, in: source)
    diagnostics += mappings.diagnostics
    let backfill = choice(
      "backfill", matter,
      [:].merging(ModelDefinition.Backfill.allCases.map { ($0.rawValue, $0) }) { $1 })
    let limit = timeLimit(matter)
    // A line of dashes is a comment of SQL: everything below the front matter is the SELECT.
    let range = matter.body.lowerBound..<source.utf8.count
    guard SQLWord.words(of: source, range).contains(where: { _ in true }) else {
      diagnostics.append(
        Diagnostic(
          .missingQuery, "there is no SELECT", label: "nothing follows the front matter",
          help: "write the SELECT below the second '---'", at: range.lowerBound..<range.lowerBound,
          in: source))
      return nil
    }
    guard let key, let object, let identity = identity ?? account else { return nil }
    return ModelDefinition(
      key: key, name: name, description: matter["description"]?.value ?? "",
      isEnabled: isEnabled ?? true, object: object, identity: identity, eventName: eventName,
      timestamp: timestamp, insertID: insertID, mappings: mappings.mappings,
      backfill: backfill ?? .all, timeLimit: limit, sql: source[range], sqlStart: range.lowerBound,
      source: source, keyRange: matter["key"]?.valueRange ?? source.lineRange(1))
  }

  private mutating func key(_ matter: FrontMatter, _ name: String) -> String? {
    let setting = matter["key"] ?? matter["name"]
    let key = matter["key"]?.value ?? PropertyKey.from(name: name)
    // Only the characters count: a model's key is no property.
    guard let problem = PropertyKey.problem(with: key), key.lowercased() != "id" else { return key }
    diagnostics.append(
      Diagnostic(
        .badKey, "'\(key)' cannot be a key: \(problem)",
        help: "add a line 'key: …' of letters, digits and '_'",
        at: setting.map { $0.value.isEmpty ? $0.keyRange : $0.valueRange } ?? source.lineRange(1),
        in: source))
    return nil
  }

  private mutating func object(_ matter: FrontMatter) -> ModelDefinition.Object? {
    guard matter["object"] != nil else {
      missing("object", "add 'object: user', 'object: account' or 'object: event'")
      return nil
    }
    return choice(
      "object", matter,
      [:].merging(ModelDefinition.Object.allCases.map { ($0.rawValue, $0) }) { $1 })
  }

  private mutating func refuseOthers(_ matter: FrontMatter, _ object: ModelDefinition.Object) {
    var others = object == .event ? [] : Self.ofEvents
    others.append(object == .account ? "identity" : "account_id")
    for name in others {
      guard let setting = matter[name] else { continue }
      let help =
        switch name {
        case "identity": "an account is known by 'account_id'"
        case "account_id": "users and events are known by 'identity'"
        default: "write 'object: event', or remove it"
        }
      diagnostics.append(
        Diagnostic(
          .badSetting, "'\(name)' has no meaning with 'object: \(object.rawValue)'",
          label: "not with this object", help: help, at: setting.keyRange, in: source))
    }
  }

  private mutating func eventName(_ matter: FrontMatter) -> ModelDefinition.EventName? {
    if let fixed = matter["event"] {
      if let other = matter["event_column"] {
        diagnostics.append(
          Diagnostic(
            .badSetting, "an event's name is fixed or in a column, not both",
            label: "the second name", help: "remove 'event' or 'event_column'", at: other.keyRange,
            in: source))
      }
      let name = ColumnMappings.unquoted(fixed.value)
      guard !name.allSatisfy(\.isWhitespace), name.utf16.count <= Self.eventNameLimit else {
        diagnostics.append(
          .bad(fixed, "an event's name of 1 to \(Self.eventNameLimit) characters", in: source))
        return nil
      }
      return .fixed(name)
    }
    if matter["event_column"] != nil {
      return column("event_column", matter, isNeeded: true).map { .column($0) }
    }
    missing("event", "add 'event: 'NAME'', or 'event_column: COLUMN'")
    return nil
  }

  private mutating func column(
    _ key: String, _ matter: FrontMatter, isNeeded: Bool
  ) -> ModelDefinition.Column? {
    guard let setting = matter[key] else {
      if isNeeded { missing(key, "add '\(key): COLUMN', a column of the SELECT") }
      return nil
    }
    let name = ColumnMappings.unquoted(setting.value)
    guard !name.isEmpty else {
      diagnostics.append(.bad(setting, "a column of the SELECT", in: source))
      return nil
    }
    return ModelDefinition.Column(name: name, range: setting.valueRange)
  }

  private mutating func timeLimit(_ matter: FrontMatter) -> Duration {
    guard let setting = matter["time_limit"] else { return Self.usualTimeLimit }
    if let limit = Duration(short: setting.value), limit > .zero { return limit }
    diagnostics.append(.bad(setting, "a duration such as 30s or 5m", in: source))
    return Self.usualTimeLimit
  }

  private mutating func choice<Choice>(
    _ key: String, _ matter: FrontMatter, _ choices: [String: Choice]
  ) -> Choice? {
    guard let setting = matter[key] else { return nil }
    if let choice = choices[setting.value] { return choice }
    let names = choices.keys.sorted()
    var diagnostic = Diagnostic.bad(setting, names.joined(separator: " or "), in: source)
    if let help = Suggestion.help(for: setting.value, in: names) {
      diagnostic = diagnostic.with(help: help, in: source)
    }
    diagnostics.append(diagnostic)
    return nil
  }

  private mutating func missing(_ key: String, _ help: String) {
    diagnostics.append(
      Diagnostic(
        .missingSetting, "the front matter has no '\(key)'",
        label: "no '\(key):' among these lines", help: help,
        at: source.startOfText..<source.lineRange(1).upperBound, in: source))
  }
}

extension Diagnostic {
  fileprivate func with(help: String, in source: SourceText) -> Diagnostic {
    Diagnostic(id, message, label: label, help: help, at: range, in: source, severity: severity)
  }
}
