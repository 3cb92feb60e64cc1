import Testing

@testable import Definitions

/// Whatever a file holds, there is an answer or a clear error, on a small stack too.
@Suite(.timeLimit(.minutes(5))) struct RobustnessTests {
  private static func read(_ query: String, _ kind: Definition.Kind = .audience) -> Checked {
    onSmallStack { Checked(query, kind) }
  }

  private static func times(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  /// Ways to nest a query in itself.
  static let nestings: [(name: String, open: String, inside: String, close: String)] = [
    ("parentheses", "(", "trait('a') = 1", ")"), ("NOT", "NOT ", "trait('a') = 1", ""),
    ("ANY and ALL", "ANY ALL ", "trait('a') = 1", ""),
    ("NOT with parentheses", "NOT (", "trait('a') = 1", ")"),
    ("literals", "trait('a') = literal(", "1", ")"),
    ("events", "event('a').where(", "trait('x') = 1", ").count() = 1"),
    ("events in braces", "event('a').where({NOT (", "trait('x') = 1", ")}).count() = 1"),
    (
      "compared events", "1 = event('a').where(", "trait('x') = 1", ").max(property('x') as string)"
    ),
  ]

  @Test("ten thousand levels are refused by one clear error", arguments: nestings)
  func tooDeep(_ row: (name: String, open: String, inside: String, close: String)) {
    // The literal stands once, its nesting within itself.
    let open =
      row.name == "literals"
      ? "trait('a') = " + Self.times("literal(", 10_000) : Self.times(row.open, 10_000)
    let checked = Self.read(open + row.inside + Self.times(row.close, 10_000))
    #expect(checked.ids == [.tooDeep], "\(row.name)")
    let unfinished = Self.read(open)
    #expect(unfinished.ids == [.tooDeep], "\(row.name)")
  }

  @Test(
    "what the limit of depth lets through is read, checked and written on a small stack",
    arguments: nestings)
  func deepest(_ row: (name: String, open: String, inside: String, close: String)) {
    guard row.name != "literals" else { return }
    var deepest = 0
    for depth in 1...Parser.depthLimit + 1 {
      let query = Self.times(row.open, depth) + row.inside + Self.times(row.close, depth)
      let accepted = onSmallStack {
        let checked = Checked(query)
        // Read without the checker's rules on accounts, too.
        return !checked.ids.contains(.tooDeep) && (checked.canonical.map { !$0.isEmpty } ?? true)
      }
      if accepted { deepest = depth }
    }
    #expect(deepest >= Parser.depthLimit / 4)
    #expect(deepest <= Parser.depthLimit)
  }

  /// What garbage is made of, and the first thing that is said about it.
  static let garbage: [(text: String, first: Diagnostic.ID)] = [
    ("(", .tooDeep), (")", .syntax), ("] ", .syntax), ("#", .unknownCharacter),
    ("#&", .unknownCharacter),
    ("é ", .unknownCharacter), ("\u{0}", .unknownCharacter), ("'\"", .conditionExpected),
    ("“\n", .conditionExpected),
    ("”“\n‘x\n", .unknownCharacter), ("\\'\\\"", .unknownCharacter), ("9999-99-99 ", .badDate),
    ("1e999 ", .badNumber),
    ("0.", .badDate), ("= ", .syntax), (",", .syntax), ("AND ", .syntax),
    ("1 AND ", .conditionExpected),
    ("NOT ", .tooDeep), ("word ", .syntax), ("word(", .unknownFunction),
    ("trait('a') ", .conditionExpected),
    ("trait('a').x() ", .unknownFunction), ("event('a').x(", .unknownFunction), ("( ) ", .syntax),
    ("a ) ", .syntax),
    ("property('a') = 1 AND ", .syntax), ("trait(a) = 1 OR ", .syntax),
    ("trait('a) = 1 OR ", .missingParenthesis),
    ("{[(", .syntax), ("-", .missingQuery), ("trait('a') = 1) OR ", .missingParenthesis),
  ]

  @Test("garbage is told in at most a hundred diagnostics", arguments: garbage)
  func answers(_ row: (text: String, first: Diagnostic.ID)) throws {
    let checked = Self.read(Self.times(row.text, (1 << 17) / row.text.utf8.count))
    #expect(checked.diagnostics.first?.id == row.first)
    #expect(checked.diagnostics.count <= 100)
    #expect(checked.rendered.utf8.count < 200_000)
    #expect(checked.definition == nil)
  }

  @Test(
    "so is a megabyte of it", arguments: ["(", "#&", "“\n", "1 AND ", "property('a') = 1 AND "])
  func megabyte(_ text: String) {
    let checked = Self.read(Self.times(text, (1 << 20) / text.utf8.count) + "trait('x') = 1")
    #expect((1...100).contains(checked.diagnostics.count))
    #expect(checked.definition == nil)
  }

  @Test("an event of a hundred thousand unknown functions is told in a hundred diagnostics")
  func longChain() {
    let checked = Self.read("event('a')" + Self.times(".x()", 20_000))
    #expect(checked.ids == Array(repeating: .unknownFunction, count: 100))
  }

  @Test("a valid query of a megabyte is read")
  func longQuery() throws {
    let ors = Self.read(Self.times("trait('long enough') = 1 OR ", 40_000) + "trait('x') = 1")
    #expect(
      try #require(ors.canonical).hasSuffix(#"OR trait("long enough") = 1 OR trait("x") = 1)"#))
    let windows = Self.read("event('a')" + Self.times(".within(1 day)", 70_000) + ".count() = 1")
    #expect(windows.definition != nil)
    let list = Self.read("trait('a').one_of(" + Self.times("'x', ", 200_000) + "'y')")
    #expect(list.definition != nil)
    let name = Self.read("trait('" + Self.times("a.", 500_000) + "')", .trait)
    #expect(name.definition != nil)
    let string = Self.read("trait('a') = '" + Self.times("é\\'", 250_000) + "'")
    #expect(string.definition != nil)
    let comments = Self.read(Self.times("-- '(\n", 150_000) + "trait('a') = 1")
    #expect(comments.canonical == #"trait("a") = 1"#)
  }

  @Test("a mistake far out in a very long line is found and shown")
  func longLine() throws {
    let space = Self.times(" ", 1_000_000)
    let checked = Self.read(space + "trait(x) = 1" + space)
    let diagnostic = try #require(checked.diagnostics.first)
    #expect((diagnostic.line, diagnostic.column) == (4, 1_000_007))
    #expect(diagnostic.rendered.utf8.count < 1000)
  }

  @Test(
    "a megabyte of front matter is read",
    arguments: [
      ("just text\n", Diagnostic.ID.badFrontMatter), ("k: v\n", .unknownSetting),
      (":\n", .unknownSetting), ("name: x\n", .duplicateSetting),
    ])
  func frontMatter(_ line: String, _ id: Diagnostic.ID) {
    let text = "---\n" + Self.times(line, (1 << 20) / line.utf8.count) + "---\ntrait('a') = 1"
    let checked = onSmallStack { Checked(file: text) }
    #expect(checked.ids.contains(id))
    #expect(checked.diagnostics.count <= 203)
  }

  @Test("a hundred thousand different settings are read")
  func settings() {
    let text = "---\n" + (0..<100_000).map { "k\($0): v\n" }.joined() + "---\ntrait('a') = 1"
    let checked = onSmallStack { Checked(file: text) }
    #expect(checked.diagnostics.count == 101)
  }

  private static func project(
    _ count: Int, _ query: @Sendable @escaping (Int) -> String
  ) -> Project {
    onSmallStack {
      Project(
        files: (0..<count).map {
          Checked.file("d\($0).audience", "---\nname: D \($0)\n---\n\(query($0))\n")
        }, folder: "audiences")
    }
  }

  @Test("five thousand definitions that refer in a chain are put in order, from either end")
  func chain() {
    let down = Self.project(5000) { $0 < 4999 ? "trait('d_\($0 + 1)') = true" : "trait('x') = 1" }
    #expect(down.isValid)
    #expect(down.definitions.map(\.key) == (0..<5000).reversed().map { "d_\($0)" })
    let up = Self.project(5000) { $0 > 0 ? "trait('d_\($0 - 1)') = true" : "trait('x') = 1" }
    #expect(up.isValid)
    #expect(up.definitions.map(\.key) == (0..<5000).map { "d_\($0)" })
  }

  @Test("five thousand definitions in a circle are one error, and a dense knot is a hundred")
  func circles() {
    let circle = Self.project(5000) { "trait('d_\(($0 + 1) % 5000)') = true" }
    #expect(circle.diagnostics.map(\.id) == [.cycle])
    let knot = Self.project(600) { "trait('d_\(($0 + 1) % 600)') = true AND trait('d_0') = true" }
    #expect(knot.diagnostics.map(\.id) == Array(repeating: .cycle, count: 100))
    #expect(knot.diagnostics.allSatisfy { $0.rendered.utf8.count < 1000 })
  }

  @Test("one definition that refers to five thousand")
  func star() {
    let star = Self.project(5000) { index in
      guard index == 0 else { return "trait('x') = 1" }
      return (1..<5000).map { "trait('d_\($0)') = true" }.joined(separator: " OR ")
    }
    #expect(star.isValid)
    #expect(star.definitions.last?.key == "d_0")
  }
}
