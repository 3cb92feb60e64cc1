import Definitions
import Testing

@Suite struct SuggestionTests {
  private static let names = ["within", "where", "count", "between", "starts_with", "one_of", "eq"]

  @Test(
    "the nearest name is suggested when it is near enough",
    arguments: [
      ("withn", "within"), ("wihtin", "within"), ("WITHIN", "within"), ("cuont", "count"),
      ("startsWith", "starts_with"),
      ("startswith", "starts_with"), ("oneof", "one_of"), ("were", "where"), ("eqq", "eq"),
      ("betwen", "between"),
    ])
  func near(_ name: String, _ expected: String) {
    #expect(Suggestion.nearest(to: name, in: Self.names) == expected)
    #expect(Suggestion.help(for: name, in: Self.names) == "did you mean '\(expected)'?")
  }

  @Test(
    "nothing is suggested when nothing is near",
    arguments: ["", "x", "sum", "frequency", "wi", "日本"])
  func far(_ name: String) {
    #expect(Suggestion.nearest(to: name, in: Self.names) == nil)
    #expect(Suggestion.help(for: name, in: Self.names) == nil)
  }

  @Test("the first of two that are as near is taken, and a nearer one wins")
  func ties() {
    #expect(Suggestion.nearest(to: "cat", in: ["bat", "rat"]) == "bat")
    #expect(Suggestion.nearest(to: "cat", in: ["bat", "cat"]) == "cat")
    #expect(Suggestion.nearest(to: "cat", in: []) == nil)
  }

  @Test("a very long name costs no more than a long one")
  func long() {
    let name = String(repeating: "a", count: 1 << 20)
    #expect(Suggestion.nearest(to: name, in: Self.names) == nil)
    #expect(Suggestion.nearest(to: "x", in: [name]) == nil)
  }
}
