import Definitions

/// Holds the files that an import would write against one another and against the folder.
///
/// A file can be right alone and wrong beside others: two files with one key, a circle of
/// references, a reference to a definition that is off. What is left after the review makes no
/// mistake that the folder did not have before.
struct ImportReview {
  let folder: String
  /// The definition files of the folder as they are.
  let existing: [Project.File]
  /// What is wrong with the folder now.
  private let before: [Diagnostic]
  private(set) var accepted: [ImportFile]
  private(set) var refused: [(key: String, refusal: ImportRefusal)] = []
  /// Keys of the import without a file: whoever refers to them means a definition, not a trait.
  private var missing: Set<String>

  init(_ files: [ImportFile], existing: [Project.File], folder: String, missing: Set<String>) {
    self.folder = folder
    self.existing = existing
    let now = Project(files: existing, folder: folder)
    before = now.diagnostics
    accepted = files
    self.missing = missing.subtracting(now.definitions.map(\.key))
    while refuseMistakes() || refuseMissingReferences() {}
  }

  /// Files that stay come first, so that of two with one key it is the new one that is wrong.
  private func project(_ files: [ImportFile]) -> Project {
    let replaced = Set(files.map(\.name))
    return Project(
      files: existing.filter { !replaced.contains($0.name) } + files.map(\.checked)
        + missing.sorted().map(placeholder),
      folder: folder)
  }

  private func placeholder(_ key: String) -> Project.File {
    let text = "---\nname: \(key)\nkey: \(key)\n---\nevent('\(key)').count()\n"
    return .init(name: "\(key).trait", path: "", contents: Array(text.utf8))
  }

  private func mistakes(_ files: [ImportFile]) -> [Diagnostic] {
    guard !files.isEmpty else { return [] }
    return project(files).diagnostics.filter { $0.severity == .error && !before.contains($0) }
  }

  private mutating func refuseMistakes() -> Bool {
    let mistakes = mistakes(accepted)
    guard !mistakes.isEmpty else { return false }
    var guilty = accepted.map { file in
      (file, mistakes.filter { $0.path == file.path })
    }.filter { !$0.1.isEmpty }
    if guilty.isEmpty {
      // A file of the folder is wrong now: the new one without which it is less so has to go.
      let culprit = accepted.indices.first { place in
        var others = accepted
        others.remove(at: place)
        return self.mistakes(others).count < mistakes.count
      }
      guard let culprit else { return false }
      guilty = [(accepted[culprit], mistakes)]
    }
    for (file, diagnostics) in guilty { refuse(file.key, .mistakes(diagnostics)) }
    return true
  }

  private mutating func refuseMissingReferences() -> Bool {
    guard !missing.isEmpty, !accepted.isEmpty else { return false }
    let definitions = project(accepted).definitions
    var found = false
    for file in accepted {
      let references = definitions.first { $0.source.path == file.path }?.references ?? []
      guard let reference = references.first(where: missing.contains) else { continue }
      refuse(file.key, .missingReference(reference))
      found = true
    }
    return found
  }

  private mutating func refuse(_ key: String, _ refusal: ImportRefusal) {
    accepted.removeAll { $0.key == key }
    refused.append((key, refusal))
    if !existing.contains(where: { $0.name.hasPrefix(key + ".") }) { missing.insert(key) }
  }
}
