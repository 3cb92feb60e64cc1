import Definitions
import Foundation
import Operations
import Scratch
import Testing
import Values

/// A folder of definition files of a test's own, which goes away with it.
final class Folder {
  private let url: URL

  init(_ files: [String: String] = [:]) throws {
    url = Scratch.folder("examples")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (name, text) in files { try write(text, to: name) }
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  private var path: String { url.path }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
  }

  /// The report of the examples; there is no store.
  func test(_ keys: [String] = [], at instant: String? = nil) throws -> TestReport {
    var session = Session(storePath: path + "/none.sqlite", folder: path)
    session.at = instant.flatMap(Instant.init(iso8601:))
    return try session.test(keys)
  }

  /// Runs the binary that was built beside the tests, in this folder.
  func run(_ words: String...) throws -> (code: Int32, output: String) {
    let here = [Bundle.main.executableURL?.path, CommandLine.arguments.first]
    let found = here.compactMap { $0 }
      .map {
        URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent("rollcall")
      }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    let binary: URL = try #require(found, "the binary is built beside the tests")
    let process = Process()
    process.executableURL = binary
    process.arguments = words
    process.currentDirectoryURL = url
    let file = url.appendingPathComponent(".output")
    try Data().write(to: file)
    process.standardError = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: file)
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: try Data(contentsOf: file), as: UTF8.self))
  }
}

/// The text of a definition file: a name, a query, and examples that begin in line 6.
func definition(_ name: String, _ query: String, examples: String, front: String = "") -> String {
  "---\nname: \(name)\(front.isEmpty ? "" : "\n" + front)\n---\n\(query)\n---\n\(examples)\n"
}

/// The project of one file with these examples, which begin in its line 6.
func project(_ examples: String, _ file: String = "a.audience") -> Project {
  let query = file.hasSuffix(".trait") ? "event('X').count()" : "event('X').count() >= 1"
  let text = definition("A", query, examples: examples)
  return Project(
    files: [Project.File(name: file, path: file, contents: Array(text.utf8))], folder: "")
}

/// The one example of a line; fails when it has mistakes.
func example(
  _ line: String, _ file: String = "a.audience",
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> Example {
  let project = project(line, file)
  let mistakes = project.diagnostics.map(\.rendered).joined(separator: "\n")
  return try #require(
    project.definitions.first?.examples.first, "\(mistakes)", sourceLocation: sourceLocation)
}
