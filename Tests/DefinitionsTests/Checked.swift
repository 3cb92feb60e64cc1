import Testing

@testable import Definitions

/// What became of a text: its definition, if it has no mistake, and its diagnostics.
struct Checked {
  let definition: Definition?
  let diagnostics: [Diagnostic]

  /// A query as the only one of a project, below three lines of front matter.
  init(_ query: String, _ kind: Definition.Kind = .audience) {
    self.init(file: "---\nname: Q\n---\n" + query, "q.\(kind.rawValue)")
  }

  /// The text of a whole file.
  init(file text: String, _ name: String = "q.audience") {
    let project = Project(files: [Self.file(name, text)], folder: "audiences")
    definition = project.definitions.first
    diagnostics = project.diagnostics
  }

  static func file(_ name: String, _ text: String) -> Project.File {
    Project.File(name: name, path: "audiences/" + name, contents: Array(text.utf8))
  }

  /// The query in its one spelling, without what it is about.
  var canonical: String? {
    definition.map { String($0.canonicalText.split(separator: ": ", maxSplits: 1)[1]) }
  }

  var rendered: String { diagnostics.map(\.rendered).joined(separator: "\n") }

  var ids: [Diagnostic.ID] { diagnostics.map(\.id) }
}

/// A text with the place of each mistake between `⟦` and `⟧`.
struct Marked {
  let text: String
  /// UTF-8 offsets into `text`, in their order.
  let places: [Range<Int>]

  init(_ marked: String) {
    var bytes: [UInt8] = []
    var starts: [Int] = []
    var places: [Range<Int>] = []
    for scalar in marked.unicodeScalars {
      switch scalar {
      case "⟦": starts.append(bytes.count)
      case "⟧": places.append((starts.popLast() ?? 0)..<bytes.count)
      default: bytes += Array(String(scalar).utf8)
      }
    }
    text = String(decoding: bytes, as: UTF8.self)
    self.places = places.sorted { $0.lowerBound < $1.lowerBound }
  }
}

/// Expects the mistakes of a text to be the given ones, exactly at its marks.
func expect(
  _ ids: [Diagnostic.ID], in marked: String, _ name: String = "q.audience",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let source = Marked(marked)
  let checked = Checked(file: source.text, name)
  let diagnostics = checked.diagnostics.filter { $0.id != .noDefinitions }
  #expect(diagnostics.map(\.id) == ids, "\(checked.rendered)", sourceLocation: sourceLocation)
  #expect(
    diagnostics.map(\.range) == source.places, "\(checked.rendered)",
    sourceLocation: sourceLocation)
}
