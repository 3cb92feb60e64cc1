import Definitions

/// Why an audience or computed trait was not imported.
enum ImportRefusal: Error {
  case notAnObject
  case noName
  case badKey(String, problem: String)
  /// The entry with this name has the key already.
  case repeatedKey(String, first: String)
  case noDefinition
  case noQuery
  case notText(String)
  case notFlag(String)
  case unknownType(String)
  case entity(String)
  /// A text in the query holds a line `---`.
  case fenceInText
  /// What `check` would say about the file.
  case mistakes([Diagnostic])
  /// The query refers to another one that was not imported.
  case missingReference(String)
  case unwritable(String)

  /// What is wrong, in a sentence without a full stop.
  var reason: String {
    switch self {
    case .notAnObject: "it is not a JSON object"
    case .noName: "it has no name"
    case .badKey(let key, let problem): "'\(key)' cannot be its key: \(problem)"
    case .repeatedKey(let key, let first): "its key '\(key)' is that of '\(first)' too"
    case .noDefinition: "its definition is null, so there is no query to import"
    case .noQuery: "its definition has no query"
    case .notText(let field): "its '\(field)' is not a text"
    case .notFlag(let field): "its '\(field)' is neither true nor false"
    case .unknownType(let type): "its type '\(type)' is neither users nor accounts"
    case .entity(let name): "it is about the entity '\(name)', which is not supported yet"
    case .fenceInText: "a text in its query holds a line '---', which a definition file cannot"
    case .mistakes(let diagnostics): Self.summary(diagnostics)
    case .missingReference(let key): "it refers to '\(key)', which could not be imported"
    case .unwritable(let problem): problem
    }
  }

  var diagnostics: [Diagnostic] {
    if case .mistakes(let diagnostics) = self { return diagnostics }
    return []
  }

  private static func summary(_ diagnostics: [Diagnostic]) -> String {
    let first = diagnostics.first?.message ?? "the file would be refused"
    return diagnostics.count > 1 ? "\(first) (and \(diagnostics.count - 1) more)" : first
  }
}
