import Testing

@testable import Definitions

/// Every kind of mistake in a query: its place, its words and what to do about it.
@Suite struct DiagnosticTests {
  struct Row: Sendable {
    let id: Diagnostic.ID
    /// The query with the place between `⟦` and `⟧`.
    let query: String
    let message: String
    let label: String
    let help: String?

    init(_ id: Diagnostic.ID, _ query: String, _ message: String, _ label: String, _ help: String?)
    {
      (self.id, self.query, self.message, self.label, self.help) = (id, query, message, label, help)
    }
  }

  @Test(
    "a mistake is shown with its place, its reason and the way out",
    arguments: words + sentences + meanings)
  func shows(_ row: Row) throws {
    let source = Marked(row.query)
    let checked = Checked(source.text)
    let diagnostic = try #require(checked.diagnostics.first)
    #expect(checked.diagnostics.count == 1, "\(checked.rendered)")
    #expect(diagnostic.id == row.id)
    #expect(diagnostic.message == row.message)
    #expect(diagnostic.label == row.label)
    #expect(diagnostic.help == row.help)
    let place = try #require(source.places.first)
    let matter = "---\nname: Q\n---\n".utf8.count
    #expect(diagnostic.range == (place.lowerBound + matter)..<(place.upperBound + matter))
    #expect(diagnostic.severity == .error)
    #expect(checked.definition == nil)
  }

  @Test("every kind of diagnostic has its test")
  func coverage() {
    let rows = (Self.words + Self.sentences + Self.meanings).map(\.id)
    let files =
      FrontMatterTests.mistakes.map(\.id) + ProjectTests.mistakes.map(\.id) + ProjectTests.onDisk
    // Those of examples, of models and of portability have tests of their own.
    let examples: [Diagnostic.ID] = [
      .badOutcome, .badTime, .duplicateProperty, .computedTrait, .notPortable,
      .accountsWithoutUsers, .badSQL, .notAllowed, .missingColumn,
    ]
    let traps = TrapTests.traps.map(\.id) + StoreTrapTests.traps.map(\.id)
    let others = traps + AccountReferenceTests.mistakes.map(\.id) + examples
    let missing = Set(Diagnostic.ID.allCases).subtracting(rows + files + others)
    #expect(missing.isEmpty)
  }
}
