import Definitions
import Testing
import Values

/// What an example may say, and what it then holds.
struct GrammarTests {
  private static let day: Int64 = 86_400_000

  private func event(_ words: String) throws -> Example.Event {
    try #require(try example("true: \(words)").events.first)
  }

  @Test func `An audience's example begins with what is expected`() throws {
    #expect(try example("true: nothing").expected == .boolean(true))
    #expect(try example("false:nothing").expected == .boolean(false))
    #expect(try example("  true :  nothing").expected == .boolean(true))
  }

  @Test(arguments: [
    ("= 24.5: nothing", Value.number(24.5)), ("= -1e3: nothing", .number(-1000)),
    ("=0: nothing", .number(0)), ("= 'it\\'s': nothing", .string("it's")),
    ("= \"2\": nothing", .string("2")), ("= pro plan: nothing", .string("pro plan")),
    ("= true: nothing", .boolean(true)), ("= nothing: nothing", .absent),
    ("= 2026-02-01: nothing", .string("2026-02-01")),
    ("= 2026-02-01T10:30:00Z: nothing", .string("2026-02-01T10:30:00Z")),
    ("= ['a', 2]: nothing", .array([.string("a"), .number(2)])), ("= []: nothing", .array([])),
    ("= literal('x'): nothing", .string("x")),
    ("= { a: 1 }: nothing", .object([.init("a", .number(1))])),
  ])
  func `A trait's example begins with the value that is expected`(
    line: String, value: Value
  ) throws {
    #expect(try example(line, "a.trait").expected == value)
  }

  @Test(arguments: [
    ("now", 0), ("30 days ago", -30 * day), ("1 day ago", -day), ("in 3 days", 3 * day),
    ("1 day 2 hours ago", -day - 7_200_000), ("in 1 week 1 second", 7 * day + 1000),
    ("2 Minutes ago", -120_000), ("30 days 1 millisecond ago", -30 * day - 1),
    ("in 5 milliseconds", 5), ("0 days ago", 0), ("36525 days ago", -36_525 * day),
  ])
  func `A time is a distance from now`(words: String, milliseconds: Int64) throws {
    #expect(try event("Order Completed \(words)").time.milliseconds == milliseconds)
    #expect(try event("'X 1' { a: 1 } \(words)").time.milliseconds == milliseconds)
  }

  @Test(arguments: [
    ("Order Completed 1 day ago", "Order Completed"), ("Order   Completed now", "Order Completed"),
    ("Signed In 1 day ago", "Signed In"), ("signed in 1 day ago", "signed in"),
    ("signed in in 1 day", "signed in"), ("'Signed in' in 1 day", "Signed in"),
    ("Signed In now", "Signed In"), ("Booked for now now", "Booked for now"),
    ("Terms And Conditions not or Accepted now", "Terms And Conditions not or Accepted"),
    ("order_completed2 now", "order_completed2"), ("'Step 2 Done' now", "Step 2 Done"),
    ("\"nothing\" now", "nothing"), ("“Größe” now", "Größe"), ("'a; b -- c' now", "a; b -- c"),
    ("Trait Changed now", "Trait Changed"), ("true now", "true"),
  ])
  func `A name is words, or anything in quotes`(words: String, name: String) throws {
    #expect(try event(words).name == name)
  }

  @Test func `Properties are numbers, texts, booleans, dates, lists and objects`() throws {
    let line = """
      X { total: 12.50, 'item id': 'a,b', city: New York, gift: TRUE, on: 2026-01-31, \
      note: nothing, tags: [a, 'b c', 3, [false]], to: { zip: "01", in: Paris } } now
      """
    let properties = Value.object([
      .init("total", .number(12.5)), .init("item id", .string("a,b")),
      .init("city", .string("New York")), .init("gift", .boolean(true)),
      .init("on", .string("2026-01-31")), .init("note", .absent),
      .init(
        "tags",
        .array([.string("a"), .string("b c"), .number(3), .array([.boolean(false)])])),
      .init("to", .object([.init("zip", .string("01")), .init("in", .string("Paris"))])),
    ])
    #expect(try event(line).properties == properties)
    #expect(try event("X {} now").properties == .object([]))
    #expect(try event("X now").properties == .object([]))
  }

  @Test func `Events and traits are joined by semicolons, in their order`() throws {
    let read = try example("true: trait plan = pro; B 1 day ago; A now;trait 'a.b' = [1]")
    #expect(read.events.map(\.name) == ["B", "A"])
    #expect(read.traits.map(\.name) == ["plan", "a.b"])
    #expect(read.traits.map(\.value) == [.string("pro"), .array([.number(1)])])
  }

  @Test func `Nothing is no event and no trait`() throws {
    let read = try example("false: nothing")
    #expect(read.events.isEmpty)
    #expect(read.traits.isEmpty)
  }

  @Test func `Blank lines and comments are passed over`() throws {
    let project = project("\n-- the edge\ntrue: X now -- at once\r\n \t\n\n---\nfalse: nothing")
    #expect(project.isValid)
    let examples = try #require(project["a"]).examples
    #expect(examples.map(\.line) == [8, 12])
    #expect(examples.map(\.text) == ["true: X now", "false: nothing"])
  }

  @Test func `A file without a third section, or with an empty one, has no examples`() throws {
    #expect(try #require(project("")["a"]).examples.isEmpty)
    let text = "---\nname: A\n---\nevent('X').count() >= 1\n"
    for text in [text, text + "---"] {
      let file = Project.File(name: "a.audience", path: "a", contents: Array(text.utf8))
      let project = Project(files: [file], folder: "")
      #expect(project.isValid)
      #expect(try #require(project["a"]).examples.isEmpty)
    }
  }

  @Test func `Examples do not make a definition another one`() throws {
    let plain = try #require(project("")["a"])
    let proven = try #require(project("true: X now")["a"])
    #expect(plain.canonicalText == proven.canonicalText)
  }
}
