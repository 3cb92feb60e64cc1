import Definitions

extension Project {
  /// Loads a folder and refuses it as a whole when something in it is wrong.
  public static func checked(
    folder: String, environment: [String: String]
  ) throws -> Project {
    let project = Project.read(folder: folder, environment: environment)
    guard project.isValid else {
      throw OperationError(
        .wrong, "the definitions in '\(folder)' are wrong", diagnostics: project.diagnostics)
    }
    return project
  }

  /// The definition of a key, or an error that names the nearest one.
  public func definition(_ key: String) throws -> Definition {
    if let definition = self[key] { return definition }
    throw OperationError(
      .usage, "there is no definition '\(key)'",
      help: Suggestion.help(for: key, in: definitions.map(\.key) + models.map(\.key))
        ?? "the keys are \(definitions.map(\.key).sorted().joined(separator: ", "))")
  }

  /// The definition of this key, which has to be on.
  public func enabledDefinition(_ key: String) throws -> Definition {
    let definition = try definition(key)
    guard definition.isEnabled else {
      throw OperationError(
        .usage, "'\(key)' is not enabled", help: "write 'enabled: true' in its file")
    }
    return definition
  }
}
