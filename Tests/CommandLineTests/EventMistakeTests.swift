import Testing
import Values

@Suite("Wrong events")
struct EventMistakeTests {
  /// Lines that are no calls, each with the reason that is given.
  private static let mistakes: [(line: String, reason: String)] = [
    (
      #"{"type":"track","event":"A","userId":"ann","timestamp":"2023-02-30T00:00:00Z"}"#,
      "the timestamp is not an ISO 8601 date"
    ),
    (
      #"{"event":"A","userId":"ann","timestamp":"2023-02-20T00:00:00Z"}"#,
      "the call has no type"
    ),
    (
      #"{"type":"track","event":"A","timestamp":"2023-02-20T00:00:00Z"}"#,
      "the call has neither userId nor anonymousId"
    ),
    (
      #"{"type":"track","event":"A","userId":"ann","timestamp":"2023-02-20T00:00:00Z""#,
      "the JSON ends too early, at byte 78"
    ),
    (
      #"{"type":"track","event":"A","userId":"ann","timestamp":"2023-02-20T00:00:00Z","#
        + #""properties":{"x":""# + String(repeating: "a", count: 10_000_000) + #""}}"#,
      "the line is longer than 1 MiB"
    ),
    (
      "{\"type\":\"track\",\"event\":\"A\0\",\"userId\":\"ann\"}",
      "a control character inside a string at byte 27"
    ),
    ("\0", "not JSON at byte 1"),
    (
      #"{"type":"buy","userId":"ann"}"#,
      "the type is none of track, page, screen, identify, group, alias"
    ),
    ("[1]", "the line is not a JSON object"),
  ]

  /// Every wrong line with a good one behind it.
  private static func calls(longest: Int = .max) -> String {
    var text = order("ann", at: "2023-02-01T00:00:00Z", id: "0")
    for (number, mistake) in mistakes.enumerated() where mistake.line.utf8.count < longest {
      text += mistake.line + "\n"
      text += order("user\(number)", at: "2023-02-01T00:00:00Z", id: "good \(number)")
    }
    return text
  }

  @Test("Each is rejected with its line and reason, and the others are accepted")
  func rejected() throws {
    let rollcall = try Rollcall()
    let report = try rollcall.ingest(Self.calls())
    #expect(report["accepted"].count == Self.mistakes.count + 1)
    #expect(report["duplicates"] == .number(0))
    #expect(report["rejected"].count == Self.mistakes.count)
    #expect(report["rejects_file"] == .string("rollcall.sqlite.rejects.ndjson"))
    let rejects = try rollcall.read("rollcall.sqlite.rejects.ndjson").split(separator: "\n")
      .map { try Value(json: String($0)) }
    #expect(rejects.count == Self.mistakes.count)
    for (number, (reject, mistake)) in zip(rejects, Self.mistakes).enumerated() {
      #expect(reject["file"] == .string("calls.ndjson"))
      #expect(reject["line"].count == 2 * number + 2)
      #expect(reject["reason"] == .string(mistake.reason))
      guard mistake.line.utf8.count > 1000 else {
        #expect(reject["text"] == .string(mistake.line))
        continue
      }
      let beginning = mistake.line.hasPrefix(reject["text"].textForm ?? "?")
      #expect(beginning)
      #expect(reject["truncated"] == .boolean(true))
    }
    #expect(try rollcall.count("SELECT count(*) FROM events") == Self.mistakes.count + 1)
  }

  @Test("With --strict the same lines are rejected and stored, and the exit code is 1")
  func strict() throws {
    let rollcall = try Rollcall()
    try rollcall.write(Self.calls(longest: 1000), to: "calls.ndjson")
    let lenient = try rollcall.run("ingest", "calls.ndjson")
    #expect(lenient.ending == .code(0))
    #expect(
      lenient.output == """
        9 accepted, 0 duplicates, 8 rejected
          rejected lines, each with its reason: rollcall.sqlite.rejects.ndjson

        """)
    let strict = try rollcall.run("ingest", "--strict", "calls.ndjson")
    #expect(strict.ending == .code(1))
    #expect(
      strict.output == """
        0 accepted, 9 duplicates, 8 rejected
          rejected lines, each with its reason: rollcall.sqlite.rejects.ndjson

        """)
    try rollcall.write(order("zoe", at: "2023-02-01T00:00:00Z", id: "z"), to: "good.ndjson")
    #expect(try rollcall.run("ingest", "--strict", "good.ndjson").ending == .code(0))
  }

  @Test("Standard input is taken like a file, and so is a last line without an end")
  func standardInput() throws {
    let rollcall = try Rollcall()
    let calls =
      order("ann", at: "2023-02-01T00:00:00Z", id: "1") + "{\n"
      + order("bob", at: "2023-02-01T00:00:00Z", id: "2").dropLast()
    let outcome = try rollcall.run("ingest", "-", input: calls)
    #expect(outcome.ending == .code(0))
    #expect(outcome.output.hasPrefix("2 accepted, 0 duplicates, 1 rejected\n"))
    #expect(try rollcall.read("rollcall.sqlite.rejects.ndjson").contains(#""file":"-","line":2"#))
  }

  @Test("A file that is not there is named, and the files before it are stored")
  func missingFile() throws {
    let rollcall = try Rollcall()
    try rollcall.write(order("ann", at: "2023-02-01T00:00:00Z", id: "1"), to: "good.ndjson")
    let outcome = try rollcall.run("ingest", "good.ndjson", "missing.ndjson")
    #expect(outcome.ending == .code(1))
    #expect(outcome.errors == "error: cannot open missing.ndjson: No such file or directory\n")
    #expect(try rollcall.count("SELECT count(*) FROM events") == 1)
  }
}
