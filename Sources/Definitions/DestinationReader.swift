import Foundation
import Values

/// Turns the text of a `.destination` file into a checked destination.
struct DestinationReader {
  private static let settings = [
    "type", "app_id", "region", "url", "identity", "booleans", "absent", "long_values",
    "account_property", "events", "every", "pacing", "path",
  ]

  let source: SourceText
  let name: String
  let environment: [String: String]
  private var diagnostics: [Diagnostic] = []

  static func read(
    _ source: SourceText, name: String, environment: [String: String]
  ) -> (DestinationDefinition?, [Diagnostic]) {
    var reader = DestinationReader(source, name, environment)
    let destination = reader.read()
    return (reader.diagnostics.isEmpty ? destination : nil, reader.diagnostics)
  }

  private init(_ source: SourceText, _ name: String, _ environment: [String: String]) {
    self.source = source
    self.name = name
    self.environment = environment
  }

  private mutating func read() -> DestinationDefinition? {
    let (matter, mistakes) = FrontMatter.read(source, example: "type: heap")
    diagnostics += mistakes
    guard let matter else { return nil }
    diagnostics += matter.unknownSettings(Self.settings, in: source)
    let target = target(matter)
    let identity = identity(matter)
    let booleans: DestinationDefinition.Booleans? = choice("booleans", matter)
    let absent: DestinationDefinition.Absent? = choice("absent", matter)
    let longValues: DestinationDefinition.LongValues? = choice("long_values", matter)
    let accountProperty = accountProperty(matter)
    let events: DestinationDefinition.Events? = choice("events", matter)
    let every = every(matter)
    let pacing = pacing(matter)
    guard let target else { return nil }
    // Heap documents strings and numbers only; a file is read by whoever likes JSON.
    let usual: DestinationDefinition.Booleans = if case .file = target { .json } else { .string }
    return DestinationDefinition(
      name: name, target: target, identity: identity, booleans: booleans ?? usual,
      absent: absent ?? .empty, longValues: longValues ?? .truncate,
      accountProperty: accountProperty, events: events ?? .off, every: every,
      pacing: pacing ?? .published,
      path: source.path, source: source, typeRange: matter["type"]?.valueRange ?? 0..<0)
  }

  private mutating func target(_ matter: FrontMatter) -> DestinationDefinition.Target? {
    guard let type = matter["type"] else {
      diagnostics.append(
        Diagnostic(
          .missingSetting, "the destination has no type",
          label: "no 'type:' among these lines", help: "add 'type: heap' or 'type: file'",
          at: source.startOfText..<source.lineRange(1).upperBound, in: source))
      return nil
    }
    switch type.value {
    case "heap": return heap(matter)
    case "file":
      guard let path = matter["path"], !path.value.isEmpty else {
        diagnostics.append(
          Diagnostic(
            .missingSetting, "a file destination needs a path",
            help: "add 'path: identify.ndjson'", at: type.valueRange, in: source))
        return nil
      }
      // What it talks to is one file, from wherever the name is read.
      return .file(path: URL(fileURLWithPath: path.value).standardizedFileURL.path)
    default:
      diagnostics.append(.bad(type, "heap or file", in: source))
      return nil
    }
  }

  private mutating func heap(_ matter: FrontMatter) -> DestinationDefinition.Target? {
    let hosts = ["us": "https://heapanalytics.com", "eu": "https://c.eu.heap-api.com"]
    var url = hosts["us"] ?? ""
    if let region = matter["region"] {
      if let host = hosts[region.value] {
        url = host
      } else {
        diagnostics.append(.bad(region, "us or eu", in: source))
      }
    }
    if let setting = matter["url"] {
      url = setting.value
      if !Self.isURL(url) {
        diagnostics.append(
          .bad(setting, "an address like https://host or http://127.0.0.1:8080", in: source))
      }
    } else if let value = environment["HEAP_URL"], !value.isEmpty {
      url = value
    }
    while url.hasSuffix("/") { url.removeLast() }
    var appID = environment["HEAP_APP_ID"].flatMap { $0.isEmpty ? nil : $0 }
    if let setting = matter["app_id"] {
      appID = setting.value
      if !DestinationDefinition.isAppID(setting.value) {
        diagnostics.append(
          .bad(setting, "Heap's environment id: digits only", in: source))
      }
    }
    return .heap(appID: appID, url: url)
  }

  static func isURL(_ text: String) -> Bool {
    (text.hasPrefix("http://") || text.hasPrefix("https://"))
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
      && (text.split(separator: "/", omittingEmptySubsequences: true).count > 1)
  }

  private mutating func identity(_ matter: FrontMatter) -> DestinationDefinition.Identity {
    guard let setting = matter["identity"] else { return .userID }
    let words = setting.value.split(separator: " ", maxSplits: 1)
    if setting.value == "user_id" { return .userID }
    if words.count == 2, words[0] == "trait" {
      let name = words[1].trimmingCharacters(in: .whitespaces)
      if Definition.identity(trait: name) != nil { return .trait(name) }
    }
    diagnostics.append(.bad(setting, "user_id, or 'trait NAME'", in: source))
    return .userID
  }

  private mutating func accountProperty(_ matter: FrontMatter) -> String? {
    guard let setting = matter["account_property"] else { return nil }
    guard let problem = PropertyKey.problem(withUserProperty: setting.value) else {
      return setting.value
    }
    diagnostics.append(
      Diagnostic(
        .badSetting, "'account_property' cannot be '\(setting.value)': \(problem)",
        help: "name the user property that is the Account ID in Heap's settings",
        at: setting.value.isEmpty ? setting.keyRange : setting.valueRange, in: source))
    return nil
  }

  private mutating func choice<Choice: RawRepresentable<String>>(
    _ key: String, _ matter: FrontMatter
  ) -> Choice? where Choice: CaseIterable {
    guard let setting = matter[key] else { return nil }
    if let choice = Choice(rawValue: setting.value) { return choice }
    let names = Choice.allCases.map(\.rawValue).joined(separator: " or ")
    diagnostics.append(.bad(setting, names, in: source))
    return nil
  }

  /// Off is for a rehearsal: what goes past its limits the real Heap may drop without a word.
  private mutating func pacing(_ matter: FrontMatter) -> DestinationDefinition.Pacing? {
    let pacing: DestinationDefinition.Pacing? = choice("pacing", matter)
    guard pacing == .off, let setting = matter["pacing"] else { return pacing }
    if let url = matter["url"], matter["type"]?.value == "heap", Self.isLoopback(url.value) {
      return pacing
    }
    diagnostics.append(
      Diagnostic(
        .badSetting, "'pacing: off' is for a sandbox on this machine alone",
        label: "Heap's limits are kept", help: "remove it, or add 'url: http://127.0.0.1:8080'",
        at: setting.valueRange, in: source))
    return nil
  }

  /// Whether an address is this machine's own.
  static func isLoopback(_ url: String) -> Bool {
    guard let host = URL(string: url)?.host else { return false }
    if ["localhost", "::1", "[::1]"].contains(host) { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers.first == 127 && !numbers.contains(nil)
  }

  private mutating func every(_ matter: FrontMatter) -> Duration? {
    guard let setting = matter["every"] else { return nil }
    if let duration = Duration(short: setting.value), duration > .zero { return duration }
    diagnostics.append(.bad(setting, "a duration such as 30m, 2h or 1d", in: source))
    return nil
  }
}
