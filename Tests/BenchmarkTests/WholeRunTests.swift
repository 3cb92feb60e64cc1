import Foundation
import Testing
import Values

@testable import benchmarks

/// Runs the built harness as people do, over a small data set, with a peer that is a script.
@Suite struct WholeRunTests {
  private let folder: BenchFolder

  init() throws { folder = try BenchFolder() }

  private func run(_ words: String...) throws -> ChildOutcome {
    let harness = try #require(BenchFolder.built("benchmarks"), "it is built beside the tests")
    return try Child.run([harness] + words)
  }

  private func runCases(_ names: String, _ words: [String] = []) throws -> ChildOutcome {
    let harness = try #require(BenchFolder.built("benchmarks"), "it is built beside the tests")
    return try Child.run(
      [harness, "run", "--events", "1000", "--users", "300", "--repeat", "1", "--cases", names]
        + ["--work", folder.file("work"), "--source", BenchFolder.source] + words)
  }

  /// A source folder whose peers are a script that answers every order alike.
  private func source(answer: String, install: String = "") throws -> String {
    for part in ["audiences", "sql"] {
      try FileManager.default.createDirectory(
        atPath: folder.file("source"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: BenchFolder.source + "/" + part, toPath: folder.file("source/" + part))
    }
    let python = try folder.script(
      "python",
      "while read -r order; do echo \"$order\" >> '\(folder.file("orders"))'\n\(answer)\ndone")
    _ = try folder.script(
      "source/peers/install", "\(install)\nmkdir -p \"$1/bin\" && cp '\(python)' \"$1/bin/python\"")
    return folder.file("source")
  }

  private static let agrees = #"echo '{"seconds":2,"differing":[],"version":"Script 1"}'"#

  // MARK: What is measured

  @Test func everyCaseIsMeasuredAndWrittenDown() throws {
    let names = Case.all.map(\.name).filter { !$0.hasPrefix("tick-10") }.joined(separator: ",")
    let outcome = try runCases(names, ["--hours", "10"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let results = try Value(json: try folder.text("work/results.json"))
    let measured = results["measurements"].elements.map { $0["case"].textForm ?? "" }
    #expect(
      Set(measured) == [
        "ingest", "first-run", "full-20", "tick-0", "tick-200", "tick-300", "quiet-hour", "export",
        "weeks", "definition-added", "full-60", "full-200", "batches", "deliver-first",
        "deliver-changes", "deliver-first-unpaced", "deliver-changes-unpaced",
        "backfill", "backfill-full-run", "long-profile",
      ])
    #expect(
      results["agreements"].elements.contains {
        $0.textForm?.contains("spells of 20 definitions over 180 days") ?? false
      })
    #expect(
      results["agreements"].elements.contains {
        $0.textForm?.contains("20 hourly ticks: as many entered and left each of the 20 in each")
          ?? false
      })
    #expect(results["measurements"].elements.allSatisfy { ($0["median"].numeric ?? 0) > 0 })
    #expect(results["measurements"].elements.allSatisfy { ($0["peak_bytes"].numeric ?? 0) > 1e6 })
    #expect((results["memory_bytes_per_second"].numeric ?? 0) > 1e8)
    #expect((results["tables"]["events"].numeric ?? 0) > 100_000)
    #expect(try folder.text("work/results.md") == outcome.output.dropLast() + "")
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.file("work"))
    #expect(!left.contains { $0.hasSuffix(".sqlite") })
  }

  @Test func whatIsTooMuchForTheDataIsLeftOut() throws {
    let outcome = try runCases("tick-1000,scale")
    #expect(outcome.exitCode == 0)
    #expect(outcome.errors.contains("left out: there are only 300 users"))
    #expect(outcome.errors.contains("left out: a tenth of the data set is too small"))
  }

  @Test func threeSizesAreTickedInTurn() throws {
    let outcome = try runCases("scale", ["--events", "10000", "--users", "2000"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let results = try Value(json: try folder.text("work/results.json"))
    let measured = results["measurements"].elements
    #expect(measured.map { $0["case"].textForm } == ["scale-1.0", "scale-0.3", "scale-0.1"])
    #expect(measured.allSatisfy { ($0["amount"].numeric ?? 0) >= 200 })
  }

  @Test func aFirstSyncTakesTheFewestRequests() throws {
    let outcome = try runCases("deliver", ["--events", "60000"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let results = try Value(json: try folder.text("work/results.json"))
    let measured = results["measurements"].elements
    #expect(measured.map { $0["amount"] } == [1200, 12, 1200, 12].map { .number($0) })
    let lines = results["agreements"].elements.compactMap(\.textForm)
    #expect(
      lines.map { String($0.prefix { $0 != ";" }) } == [
        "deliver-first: 1,200 values in 2 requests, the fewest there are, for a request holds 1,000 "
          + "users",
        "deliver-changes: 12 values in 1 request, the fewest there are, for a request holds 1,000 "
          + "users",
        "deliver-first-unpaced: 1,200 values in 2 requests, the fewest there are, for a request holds "
          + "1,000 users",
        "deliver-changes-unpaced: 12 values in 1 request, the fewest there are, for a request holds "
          + "1,000 users",
      ])
    #expect(lines.allSatisfy { $0.hasSuffix("pacing alone takes 0.0 s") })
  }

  @Test func aSyncThatSaysAnotherNumberEndsTheRun() throws {
    let real = try #require(BenchFolder.built("rollcall"), "it is built beside the tests")
    // Says that more was sent than the sandbox was told.
    let binary = try folder.script(
      "rollcall",
      """
      case "$*" in
      *' send '*) '\(real)' "$@" | sed 's/"sent":[0-9]*/"sent":9999/' ;;
      *) exec '\(real)' "$@" ;;
      esac
      """)
    let outcome = try runCases("deliver", ["--binary", binary])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("100 values were to be sent: the sandbox has 100, 0 of them"))
  }

  @Test func aSandboxThatDoesNotStartEndsTheRun() throws {
    let real = try #require(BenchFolder.built("rollcall"), "it is built beside the tests")
    let binary = try folder.script(
      "rollcall", "case \"$1\" in sandbox) exit 4 ;; *) exec '\(real)' \"$@\" ;; esac")
    let outcome = try runCases("deliver", ["--binary", binary])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("error: 'rollcall sandbox' ended before it listened"))
  }

  @Test func whatAPeerTakesIsHeldAgainstTheSameCase() throws {
    let source = try source(answer: Self.agrees)
    let outcome = try runCases("full-20,tick-200", ["--peers", "duckdb", "--source", source])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("Script 1"))
    #expect(outcome.output.contains("| tick-200 | duckdb told | 2.000 s |"))
    #expect(outcome.output.contains("full-20: duckdb and rollcall find the same members of all 20"))
    let orders = try folder.calls(folder.file("orders"))
    #expect(
      orders.map { $0["do"].textForm ?? "" } == [
        "version", "load", "recompute", "recompute", "compare",
        "append", "recompute", "append", "told", "append", "recompute", "append", "told",
      ])
    #expect(orders[2]["definitions"].elements.count == 20)
    #expect(orders[5]["first_line"] == .number(1300))
    #expect(orders[7]["first_line"] == .number(1500))
    #expect(orders[12]["now"] == .number(Double(Population.end.milliseconds + 3_604_000)))
  }

  // MARK: What ends it

  @Test(arguments: [
    (
      #"echo '{"seconds":1,"differing":[{"key":"recent_buyers","exported":5,"found":6}]}'"#,
      "the engines do not find the same members:\nduckdb {\"key\":\"recent_buyers\",\"exported\":5,"
    ),
    (#"echo '{"error":"Broken: no"}'"#, "duckdb failed to version: Broken: no"),
    ("exit 0", "the process of duckdb ended"),
  ])
  func aPeerThatFailsOrDiffersEndsTheRun(answer: String, message: String) throws {
    let source = try source(answer: answer)
    let outcome = try runCases("full-20", ["--peers", "duckdb", "--source", source])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("error: " + message), "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("work/results.json")))
  }

  @Test func peersThatCannotBeInstalledEndTheRun() throws {
    let source = try source(answer: Self.agrees, install: "echo 'no index' >&2; exit 4")
    let outcome = try runCases("full-20", ["--peers", "duckdb", "--source", source])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("error: the peers cannot be installed: no index"))
  }

  @Test(arguments: [
    ("echo 'no store' >&2; exit 4", "'rollcall ingest' exited with 4: no store"),
    ("echo '{\"accepted\":1299}'", "not all 1300 lines of '"),
    ("echo nonsense", "error: "),
  ])
  func aBinaryThatFailsEndsTheRun(script: String, message: String) throws {
    let binary = try folder.script("rollcall", script)
    let outcome = try runCases("full-20", ["--binary", binary])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func aMistakeOnTheCommandLineIsAnsweredWithTheHelp() throws {
    let outcome = try run("run", "--cases", "none")
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("error: there is no case 'none'"))
    #expect(outcome.errors.contains("--events N"))
    #expect(try run("walk").exitCode == 2)
    #expect(try run("cases").output.split(separator: "\n").map(String.init) == Case.all.map(\.name))
  }
}
