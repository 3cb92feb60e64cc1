import Values

/// Turns the text of one `.audience` or `.trait` file into a checked definition.
struct DefinitionReader {
  private static let settings = [
    "name", "key", "description", "type", "enabled", "include_anonymous", "guard", "send",
  ]

  let source: SourceText
  let kind: Definition.Kind
  private(set) var diagnostics: [Diagnostic] = []

  /// The definition of a file, or nil when something in it is wrong.
  static func read(_ source: SourceText, _ kind: Definition.Kind) -> (Definition?, [Diagnostic]) {
    var reader = DefinitionReader(source: source, kind: kind)
    let definition = reader.read()
    let failed = reader.diagnostics.contains { $0.severity == .error }
    return (failed ? nil : definition, reader.diagnostics)
  }

  private mutating func read() -> Definition? {
    let (matter, mistakes) = FrontMatter.read(source, example: "name: …")
    diagnostics += mistakes
    guard let matter else { return nil }
    diagnostics += matter.unknownSettings(Self.settings, in: source)
    let name = self.name(matter)
    let key = self.key(matter, name: name)
    let subject = self.subject(matter)
    let isEnabled = flag("enabled", matter) ?? true
    let anonymous = flag("include_anonymous", matter) ?? false
    if anonymous, subject == .accounts, let setting = matter["include_anonymous"] {
      note(
        .badSetting, "an account has no anonymous profiles",
        help: "remove 'include_anonymous'", at: setting.valueRange)
    }
    let recipients = recipients(matter, of: subject)
    let limit = guardLimit(matter)
    let examples = Example.read(matter.examples ?? 0..<0, of: kind, in: source)
    diagnostics += examples.diagnostics
    guard let query = query(matter.body) else { return nil }
    var checker = Checker(source, subject)
    checker.check(query)
    diagnostics += checker.diagnostics
    guard let name, let key else { return nil }
    return Definition(
      key: key, name: name, description: matter["description"]?.value ?? "", subject: subject,
      recipients: recipients, isEnabled: isEnabled, includesAnonymous: anonymous, guardLimit: limit,
      query: query,
      examples: examples.examples, traitFields: checker.traits, source: source,
      keyRange: matter["key"]?.valueRange ?? matter["name"]?.valueRange ?? 0..<0)
  }

  private mutating func query(_ range: SourceRange) -> Definition.Query? {
    var parser = Parser(source, range)
    defer { diagnostics += parser.diagnostics }
    let query: Definition.Query?
    switch kind {
    case .audience: query = parser.audience().map(Definition.Query.audience)
    case .trait: query = parser.trait().map(Definition.Query.trait)
    }
    return parser.diagnostics.isEmpty ? query : nil
  }

  private mutating func name(_ matter: FrontMatter) -> String? {
    guard let setting = matter["name"], !setting.value.isEmpty else {
      note(
        .missingSetting, "the front matter has no name",
        label: matter["name"] == nil ? "no 'name:' among these lines" : "nothing is set",
        help: "add a line 'name: …', as people shall read it",
        at: matter["name"]?.keyRange ?? source.startOfText..<source.lineRange(1).upperBound)
      return nil
    }
    return setting.value
  }

  private mutating func key(_ matter: FrontMatter, name: String?) -> String? {
    if let setting = matter["key"] {
      if let problem = PropertyKey.problem(with: setting.value) {
        note(
          .badKey, "'\(setting.value)' cannot be a key: \(problem)",
          help: "leave 'key:' out to make it from the name",
          at: setting.value.isEmpty ? setting.keyRange : setting.valueRange)
        return nil
      }
      return setting.value
    }
    guard let name, let setting = matter["name"] else { return nil }
    let key = PropertyKey.from(name: name)
    if let problem = PropertyKey.problem(with: key) {
      note(
        .badKey, "the name makes no usable key: \(problem)",
        help: "add a line 'key: …'", at: setting.valueRange)
      return nil
    }
    return key
  }

  private mutating func subject(_ matter: FrontMatter) -> Definition.Subject {
    guard let setting = matter["type"] else { return .users }
    switch setting.value {
    case "users": return .users
    case "accounts": return .accounts
    default:
      note(bad: setting, "users or accounts")
      return .users
    }
  }

  /// Who gets the value; `users` alone where it is about users.
  private mutating func recipients(
    _ matter: FrontMatter, of subject: Definition.Subject
  ) -> Definition.Recipients {
    guard let setting = matter["send"] else { return subject == .users ? .users : .accounts }
    guard let recipients = Definition.Recipients(rawValue: setting.value) else {
      note(bad: setting, "users, accounts or both")
      return .users
    }
    if subject == .users, recipients != .users {
      note(
        .badSetting, "what is about users has no value for an account",
        help: "remove 'send', or write 'type: accounts'", at: setting.valueRange)
    }
    return recipients
  }

  private mutating func flag(_ key: String, _ matter: FrontMatter) -> Bool? {
    guard let setting = matter[key] else { return nil }
    switch setting.value {
    case "true": return true
    case "false": return false
    default:
      note(bad: setting, "true or false")
      return nil
    }
  }

  private mutating func guardLimit(_ matter: FrontMatter) -> Definition.Guard {
    guard let setting = matter["guard"] else { return .percent(30) }
    if setting.value == "off" { return .off }
    if setting.value.hasSuffix("%"), let percent = Int(setting.value.dropLast()),
      (0...100).contains(percent)
    {
      return .percent(percent)
    }
    note(bad: setting, "off, or a share such as 30%")
    return .off
  }

  private mutating func note(
    _ id: Diagnostic.ID, _ message: String, label: String = "", help: String? = nil,
    at range: SourceRange
  ) {
    diagnostics.append(
      Diagnostic(id, message, label: label, help: help, at: range, in: source))
  }

  private mutating func note(bad setting: FrontMatter.Setting, _ allowed: String) {
    diagnostics.append(.bad(setting, allowed, in: source))
  }
}
