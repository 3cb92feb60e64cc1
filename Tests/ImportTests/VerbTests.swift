import Foundation
import Testing
import Values

@Suite("The verb import")
struct VerbTests {
  /// Runs the built binary in the root of an import.
  private func rollcall(
    _ work: Import, _ words: String..., input: String = ""
  ) throws -> (code: Int32, out: String, errors: String) {
    try Data(input.utf8).write(to: URL(fileURLWithPath: work.source))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("rollcall")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: work.root)
    let (out, errors) = (Pipe(), Pipe())
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: work.source))
    process.standardOutput = out
    process.standardError = errors
    try process.run()
    let text = try out.fileHandleForReading.readToEnd() ?? Data()
    let notes = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: text, as: UTF8.self),
      String(decoding: notes, as: UTF8.self)
    )
  }

  @Test("it writes into the audiences folder, and exits 0 when all is written or there already")
  func writes() throws {
    let work = try Import()
    let json = entry(["options": #"{"backfillEventDataDays": 7}"#])
    let first = try rollcall(work, "import", "segment.json", input: json)
    #expect(first.code == 0)
    #expect(
      first.out == """
        wrote audiences/big_spenders.audience
          not portable: backfillEventDataDays (all events on file count)
        Import: 1 written, 0 skipped, 0 not imported

        """)
    let second = try rollcall(work, "import", "segment.json", input: json)
    #expect(second.code == 0)
    #expect(
      second.out == """
        skipped audiences/big_spenders.audience: the file is there already
        Import: 0 written, 1 skipped, 0 not imported

        """)
    #expect(second.errors == "  --force replaces the files that are there already\n")
    #expect(try rollcall(work, "import", "-", "--force", input: json).out == first.out)
    #expect(try rollcall(work, "check").code == 0)
  }

  @Test("it exits 1 when an entry could not be imported, and writes the others")
  func fails() throws {
    let work = try Import()
    let typo = entry([
      "name": #""Typo""#, "key": #""typo""#,
      "definition": definition("event('A').withn(3 days).count() > 1"),
    ])
    let result = try rollcall(
      work, "import", "-", "--audiences", "mine/all", input: "[\(typo), \(entry())]")
    #expect(result.code == 1)
    #expect(
      result.out == """
        wrote mine/all/big_spenders.audience
        not imported: 'Typo': there is no function 'withn'
        error[unknown-function]: there is no function 'withn'
          --> mine/all/typo.audience:4:12
         4 | event('A').withn(3 days).count() > 1
           |            ^^^^^ not a filter or a reducer of an event stream
           = help: did you mean 'within'?

        Import: 1 written, 0 skipped, 1 not imported

        """)
  }

  @Test("a dry run says what it would do")
  func dryRun() throws {
    let work = try Import()
    let result = try rollcall(work, "import", "-", "--dry-run", input: entry())
    #expect(
      result.out == """
        would write audiences/big_spenders.audience
        Import, nothing written: 1 to write, 0 skipped, 0 not imported

        """)
    #expect(work.names == [])
  }

  @Test("its JSON has the keys of the contract")
  func json() throws {
    let work = try Import()
    try work.put("there.audience", "---\nname: There\n---\nevent('A').count() > 1\n")
    let result = try rollcall(
      work, "--json", "import", "-",
      input: """
        [\(entry(["name": #""There""#, "key": #""there""#])),
         \(entry(["options": #"{"x": 1}"#])),
         \(entry(["name": #""Null""#, "key": #""null""#, "definition": "null"])),
         \(entry(["name": #""Bad""#, "key": #""bad""#, "definition": definition("(")]))]
        """)
    #expect(result.code == 1)
    let document = try Value(json: result.out.trimmingCharacters(in: .whitespacesAndNewlines))
    #expect(
      document["written"].json
        == #"[{"key":"big_spenders","file":"audiences/big_spenders.audience"}]"#)
    #expect(
      document["skipped"].json
        == #"[{"key":"there","file":"audiences/there.audience","reason":"the file is there already"}]"#
    )
    #expect(
      document["not_portable"].json
        == #"[{"key":"big_spenders","option":"x","reason":"there is no such setting here"}]"#)
    guard case .array(let failed) = document["failed"] else {
      Issue.record("no array of failures")
      return
    }
    #expect(failed.map { $0["name"] } == [.string("Null"), .string("Bad")])
    #expect(failed.map { $0["diagnostics"].isPresent } == [false, true])
  }

  @Test("bad JSON exits 1 with its place, and a missing operand exits 2")
  func errors() throws {
    let work = try Import()
    let bad = try rollcall(work, "import", "segment.json", input: "[\n  oops]")
    #expect(bad.code == 1)
    #expect(bad.errors.hasPrefix("error: segment.json:2:3: not JSON at byte 5\n"))
    #expect(try rollcall(work, "import").code == 2)
  }
}
