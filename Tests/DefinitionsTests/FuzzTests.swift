import Foundation
import Testing

@testable import Definitions

/// Texts that are nearly definitions, made from definitions by a seeded hand.
///
/// `ROLLCALL_FUZZ_ROUNDS` asks for more than the few thousand that every run of the tests reads.
@Suite struct FuzzTests {
  static let rounds =
    ProcessInfo.processInfo.environment["ROLLCALL_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 5000

  @Test(
    "a mutated file is accepted or told what is wrong, at a place inside of it", arguments: 1...4)
  func mutations(_ seed: UInt64) {
    let found = onSmallStack {
      var generator = SeededGenerator(seed: seed &* 7919 &+ UInt64(Self.rounds))
      for _ in 0..<Self.rounds {
        let (name, text) = Mutation.anyFile(&generator)
        if let problem = Self.problem(with: text, name) { return problem }
      }
      return ""
    }
    #expect(found == "")
  }

  @Test("what a fuzzer found stays found", arguments: Corpus.texts)
  func corpus(_ text: String) {
    for name in ["q.audience", "q.trait", "q.destination"] {
      for file in [text, "---\nname: Q\n---\n" + text] {
        #expect(onSmallStack { Self.problem(with: Array(file.utf8), name) } == nil)
      }
    }
  }

  /// What is wrong with the reading of a file, or nil.
  static func problem(with bytes: [UInt8], _ name: String) -> String? {
    let file = Project.File(name: name, path: name, contents: bytes)
    let project = Project(files: [file], folder: "audiences")
    let shown = "in \(name): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
    let accepted = project.definitions.count + project.destinations.count
    let diagnostics = project.diagnostics.filter { $0.id != .noDefinitions }
    let isRefused = diagnostics.contains { $0.severity == .error && $0.id != .cycle }
    guard accepted == (isRefused ? 0 : 1) else {
      return "\(accepted) accepted with \(diagnostics.map(\.id)) \(shown)"
    }
    let source = SourceText(path: name, utf8: bytes)
    for diagnostic in diagnostics {
      let range = diagnostic.range
      guard range.lowerBound >= 0, range.upperBound <= bytes.count,
        diagnostic.line >= 1, diagnostic.line <= source.lineCount, diagnostic.column >= 1,
        diagnostic.column <= source.lineRange(diagnostic.line).count + 2
      else { return "\(diagnostic.id) at \(range) \(shown)" }
      let rendered = diagnostic.rendered
      guard rendered.hasPrefix("\(diagnostic.severity.rawValue)["), !diagnostic.message.isEmpty,
        !rendered.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" })
      else { return "\(diagnostic.id) is shown as \(rendered) \(shown)" }
    }
    guard let definition = project.definitions.first else { return nil }
    // An accepted query means the same with a comment and a line break behind it, and in its own
    // canonical spelling where that can be read.
    let marks = definition.source.utf8.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard marks.filter({ $0.starts(with: "---".utf8) }).count == 2 else { return nil }
    let more = Project.File(name: name, path: name, contents: bytes + Array("\n -- end\n".utf8))
    let again = Project(files: [more], folder: "audiences").definitions.first?.canonicalText
    guard again == definition.canonicalText else {
      return "\(again ?? "nothing") from \(definition.canonicalText) \(shown)"
    }
    return nil
  }
}
