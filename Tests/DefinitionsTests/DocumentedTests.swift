import Foundation
import Testing

@testable import Definitions

/// The page that lists the diagnostics.
@Suite struct DocumentedTests {
  @Test("every kind of diagnostic is in the documentation, and nothing else is")
  func listed() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = root.appendingPathComponent("Sources/Operations/Operations.docc/Diagnostics.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let listed = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
    #expect(listed.count == Set(listed).count)
    #expect(Set(listed) == Set(Diagnostic.ID.allCases.map(\.rawValue)))
  }
}
