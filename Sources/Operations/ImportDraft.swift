import Definitions

/// A definition file that is still to be proven: it becomes one when `check` has nothing against it.
struct ImportDraft {
  let name: String
  let key: String
  /// Empty when there is none.
  let description: String
  let subject: Definition.Subject
  let isEnabled: Bool
  let includesAnonymous: Bool
  let query: String
  let notPortable: [ImportReport.Option]

  /// The file, of the first of the kinds that the query can be.
  func file(_ kinds: [Definition.Kind], folder: String) throws(ImportRefusal) -> ImportFile {
    var refusal: ImportRefusal?
    for kind in kinds {
      do throws(ImportRefusal) {
        return try file(kind, folder: folder)
      } catch {
        // The kind with the fewer mistakes is the one that was meant.
        if error.diagnostics.count < refusal?.diagnostics.count ?? .max { refusal = error }
      }
    }
    throw refusal ?? .noQuery
  }

  private func file(_ kind: Definition.Kind, folder: String) throws(ImportRefusal) -> ImportFile {
    let isAboutUsers = subject == .users
    var file = try file(kind, folder: folder, anonymous: includesAnonymous && isAboutUsers)
    if includesAnonymous, !isAboutUsers {
      file.notPortable.append(
        .init(
          key: key, name: "includeAnonymousUsers", reason: "an account has no anonymous profiles"))
    }
    return file
  }

  private func file(
    _ kind: Definition.Kind, folder: String, anonymous: Bool
  ) throws(ImportRefusal) -> ImportFile {
    func file(_ query: String, indent: String = " ") -> ImportFile {
      ImportFile(
        key: key, kind: kind, folder: folder,
        text: head(anonymous: anonymous) + Self.guarded(query, indent: indent) + "\n",
        notPortable: notPortable)
    }
    // Line ends are tidied only where that leaves the meaning alone: not inside a text.
    let tidy = query.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    var chosen = tidy
    if let given = try? file(query).meaning(), given != (try? file(tidy).meaning()) {
      chosen = query
    }
    let meaning = try file(chosen).meaning()
    guard meaning == (try? file(chosen, indent: "  ").meaning()) else { throw .fenceInText }
    return file(chosen)
  }

  private func head(anonymous: Bool) -> String {
    var lines = ["---", "name: \(name)"]
    if key != PropertyKey.from(name: name) { lines.append("key: \(key)") }
    if !description.isEmpty { lines.append("description: \(description)") }
    if subject != .users { lines.append("type: \(subject.rawValue)") }
    if !isEnabled { lines.append("enabled: false") }
    if anonymous { lines.append("include_anonymous: true") }
    return (lines + ["---", ""]).joined(separator: "\n")
  }

  /// The query with every line that would end its section moved to the right. Such a line is a
  /// comment in the language, unless it stands inside a text.
  private static func guarded(_ query: String, indent: String) -> String {
    let lines = query.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let text = lines.map { line in
      let line = String(decoding: line, as: UTF8.self)
      let isFence = line.hasPrefix("---") && line.utf8.dropFirst(3).allSatisfy { $0 <= 0x20 }
      return isFence ? indent + line : line
    }.joined(separator: "\n")
    let end = text.unicodeScalars.lastIndex { $0.value > 0x20 }
    return end.map { String(text[...$0]) } ?? text
  }
}

/// A definition file that import may write.
struct ImportFile {
  let key: String
  let kind: Definition.Kind
  let folder: String
  let text: String
  var notPortable: [ImportReport.Option] = []

  static func name(_ key: String, _ kind: Definition.Kind) -> String { "\(key).\(kind.rawValue)" }

  static func path(_ name: String, in folder: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  var name: String { Self.name(key, kind) }
  var path: String { Self.path(name, in: folder) }

  /// The file as `check` reads it.
  var checked: Project.File { .init(name: name, path: path, contents: Array(text.utf8)) }

  /// What the file asks, in one spelling, when nothing in it is wrong.
  func meaning() throws(ImportRefusal) -> String {
    let project = Project(files: [checked], folder: folder)
    let errors = project.diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty, let definition = project[key] else { throw .mistakes(errors) }
    return definition.canonicalText
  }
}
