import Definitions
import Evaluation
import Testing
import Values

/// Cases that were once evaluated wrongly.
struct MendedTests {
  private func value(_ query: String, traits: String) throws -> Value {
    let file = Project.File(
      name: "a.trait", path: "a.trait", contents: Array("---\nname: A\n---\n\(query)\n".utf8))
    let project = Project(files: [file], folder: "case")
    let names = NameTable()
    let history = History(
      [
        ProfileEvent(
          kind: .event(name: "Bought"), time: Instant(milliseconds: 1), row: 1,
          properties: .absent),
        ProfileEvent(
          kind: .identify, time: Instant(milliseconds: 2), row: 2,
          properties: try Value(json: traits)),
      ], names)
    let program = Program(project.definitions, names)
    return try #require(
      evaluate(program, history, at: Instant(milliseconds: 3)).values.first)
  }

  @Test("mode as array takes a trait's whole array, an empty one too, and nothing but an array")
  func wholeArrayOfTrait() throws {
    let query = "event('Bought').mode(trait('days.$') as array, 1)"
    #expect(try value(query, traits: #"{"days":[]}"#) == .string("[]"))
    #expect(try value(query, traits: #"{"days":[1,"a"]}"#) == .string(#"[1,"a"]"#))
    #expect(try value(query, traits: #"{"days":"mon"}"#) == .absent)
  }

  @Test("a number past the range is its text inside of a text form, and can be read as JSON")
  func infinity() throws {
    #expect(try value("trait('x')", traits: #"{"x":-1e999}"#) == .number(-.infinity))
    #expect(Value.number(-.infinity).json == #""-Infinity""#)
    let list = Value.array([.number(.infinity), .number(1)])
    #expect(list.textForm == "[Infinity,1]")
    #expect(list.json == #"["Infinity",1]"#)
  }
}
