extension Definition {
  /// The trait that a destination with `identity: trait NAME` knows users by, as a definition: it is
  /// evaluated with the others, so that a changed identity is found as any change is.
  ///
  /// Its key has spaces and stands in nobody's way.
  ///
  /// - Returns: nil when the name makes no trait.
  public static func identity(trait name: String) -> Definition? {
    let quoted = name.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
    let source = SourceText(
      path: "identity", text: "---\nname: Known By\n---\ntrait('\(quoted)')\n")
    guard !name.isEmpty, !name.contains("\n"),
      let read = DefinitionReader.read(source, .trait).0
    else { return nil }
    return Definition(
      key: "identity trait " + name, name: "Identity", description: "", subject: .users,
      recipients: .users, isEnabled: true, includesAnonymous: false, guardLimit: .off,
      isIdentity: true, query: read.query, examples: [], traitFields: [], source: source,
      keyRange: 0..<0)
  }
}

extension Project {
  /// Adds a definition for each trait that destinations know users by.
  public mutating func addIdentities() {
    var names: Set<String> = []
    for destination in destinations {
      guard case .trait(let name) = destination.identity, names.insert(name).inserted,
        let definition = Definition.identity(trait: name)
      else { continue }
      definitions.append(definition)
    }
  }
}
