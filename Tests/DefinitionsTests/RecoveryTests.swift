import Testing

@testable import Definitions

/// All mistakes are told, each of them once.
@Suite struct RecoveryTests {
  @Test("three mistakes in one file are three diagnostics")
  func three() {
    expect(
      [.badDuration, .syntax, .unknownFunction],
      in: """
        ---
        name: Q
        ---
        event('A').within(3 ⟦dys⟧).count() >= 1
        AND trait(⟦a⟧) = 1
        AND trait('b').⟦equal⟧('x')
        """)
    expect(
      [.unknownFunction, .conditionExpected, .badDate, .missingParenthesis],
      in: """
        ---
        name: Q
        ---
        (event('A').⟦wher⟧(property('x') = 1).count() >= 1 OR ⟦trait('b')⟧)
        AND trait('c') >= ⟦2026-02-30⟧
        AND (trait('d') = 1⟦⟧
        """)
    expect(
      [.unclosedString, .syntax, .syntax],
      in: """
        ---
        name: Q
        ---
        event(⟦'⟧A).count() >= 1
        AND trait('b') = ⟦yes⟧
        AND trait('c') = ⟦no⟧
        """)
  }

  @Test("mistakes of the front matter and of the query are told together")
  func sections() {
    expect(
      [.unknownSetting, .badSetting, .unknownFunction, .fieldOutsideEvent].dropLast(),
      in: """
        ---
        name: Q
        ⟦descripton⟧: x
        enabled: ⟦maybe⟧
        ---
        event('A').⟦withn⟧(3 days).count() >= 1 AND property('x') = 1
        """)
  }

  @Test("mistakes of meaning are told together, once the sentence can be read")
  func meanings() {
    expect(
      [.fieldOutsideEvent, .accountsOnly, .notSupported, .parentOutsideNested],
      in: """
        ---
        name: Q
        ---
        ⟦property('x')⟧ = 1 AND ⟦ALL trait('a') = 1⟧ AND ⟦entity('o')⟧.count() = 1
        OR event('A').where(⟦property(parent: 'x')⟧ = 1).count() = 1
        """)
  }

  @Test(
    "a mistake inside a call is told once, and what follows is read",
    arguments: [
      "event('A').within(⟦'x'⟧).count() >= 1", "event('A').where(property(⟦x⟧) = 1).count() >= 1",
      "event('A').where(⟦property('x')⟧ y).count() >= 1", "event('A').sum(property(⟦x⟧)) >= 1",
      "trait('a').one_of(⟦)⟧", "trait('a').one_of('x',⟦)⟧", "event('A').sources(⟦)⟧.count() = 1",
      "event('A').where(event('B').within(parent: 3⟦)⟧.count() > 0).count() > 0",
      "(((trait(⟦x⟧) = 1)))",
      "NOT (trait('x') = ⟦)⟧", "event('A'⟦,⟧ 'B').count() = 1",
    ])
  func calls(_ query: String) {
    let matter = "---\nname: Q\n---\n"
    let checked = Checked(file: Marked(matter + query).text)
    #expect(
      checked.diagnostics.map(\.range) == Marked(matter + query).places, "\(checked.rendered)")
    for joint in [" AND ", " OR ", "\nAND NOT "] {
      for after in ["trait(⟦b⟧) = 1", "(trait(⟦b⟧) = 1 OR trait('c').exists())"] {
        let marked = Marked(matter + query + joint + after)
        let both = Checked(file: marked.text)
        #expect(both.diagnostics.map(\.range) == marked.places, "\(both.rendered)")
      }
      let marked = Marked(matter + "trait(⟦b⟧) = 1" + joint + query)
      let both = Checked(file: marked.text)
      #expect(both.diagnostics.map(\.range) == marked.places, "\(both.rendered)")
    }
  }

  @Test("a bracket too many or too few does not hide the mistakes behind it")
  func brackets() {
    let matter = "---\nname: Q\n---\n"
    expect(
      [.missingParenthesis, .syntax], in: matter + "event('A' ⟦.⟧count() >= 1 AND trait(⟦b⟧) = 1")
    expect(
      [.missingParenthesis, .syntax], in: matter + "event ⟦'A'⟧).count() >= 1 AND trait(⟦b⟧) = 1")
    expect([.missingParenthesis, .syntax], in: matter + "trait('a') = 1⟦)⟧ AND trait(⟦b⟧) = 1")
    expect([.syntax, .syntax], in: matter + "trait('a').one_of(['x'⟦)⟧ AND trait(⟦b⟧) = 1")
    expect(
      [.missingParenthesis, .missingParenthesis],
      in: matter + "trait('a') = 1⟦)⟧⟦)⟧ AND trait('x') = 1")
    expect(
      [.missingParenthesis, .missingParenthesis, .missingParenthesis],
      in: matter + "(((trait('a') = 1⟦⟧⟦⟧⟦⟧")
  }

  @Test("the place at the end of a query is behind its last word")
  func end() throws {
    let checked = Checked("trait('a') = 1 AND\n\n-- nothing follows\n")
    let diagnostic = try #require(checked.diagnostics.first)
    #expect((diagnostic.line, diagnostic.column) == (4, 19))
  }

  @Test("a computed trait that is a condition is told where the condition begins")
  func traits() {
    let matter = "---\nname: Q\n---\n"
    for rest in [">= 1", ".exists()", "AND trait('x') = 1"] where rest != ".exists()" {
      let sign = rest.split(separator: " ")[0]
      let query = "event('A').count() ⟦\(sign)⟧" + rest.dropFirst(sign.count)
      expect([.scalarExpected, .noDefinitions].dropLast(), in: matter + query, "q.trait")
    }
    expect([.scalarExpected], in: matter + "trait('a')⟦.⟧exists()", "q.trait")
    expect([.syntax], in: matter + "trait('a') ⟦trait⟧('b')", "q.trait")
    expect(
      [.unknownFunction, .unknownFunction], in: matter + "event('A').⟦withn⟧(3 dys).⟦cont⟧()",
      "q.trait")
    expect([.scalarExpected], in: matter + "⟦NOT⟧ trait('a') = 1", "q.trait")
  }
}
