import Testing
import Values

@Suite("Calling the binary")
struct UsageTests {
  /// Words that make no sense, and what is said of them.
  private static let mistakes: [(words: [String], errors: String)] = [
    (["rnu"], "error: there is no verb 'rnu'\n  help: did you mean 'run'?\n"),
    (["frobnicate"], "error: there is no verb 'frobnicate'\n  help: see 'rollcall --help'\n"),
    (["run", "--fulll"], "error: there is no flag '--fulll'\n  help: did you mean '--full'?\n"),
    (
      ["run", "--audience", "x"],
      "error: there is no flag '--audience'\n  help: did you mean '--audiences'?\n"
    ),
    (["plan", "--no-send"], "error: there is no flag '--no-send'\n"),
    (["run", "--at"], "error: '--at' needs a value: INSTANT\n"),
    (["run", "--full=yes"], "error: '--full' takes no value\n"),
    (
      ["run", "--at", "yesterday"],
      "error: '--at' is an ISO 8601 instant such as 2026-03-01T00:00:00Z\n"
    ),
    (
      ["run", "--at", "2023-02-30"],
      "error: '--at' is an ISO 8601 instant such as 2026-03-01T00:00:00Z\n"
    ),
    (
      ["run", "--wait", "200"],
      "error: '--wait' is a duration such as 90s, 30m, 2h or 400d\n"
    ),
    (["run", "--attempts", "0"], "error: '--attempts' is a whole number from 1 to 20\n"),
    (
      ["run", "now"],
      "error: 'rollcall run' is called with no operands\n  help: see 'rollcall run --help'\n"
    ),
    (
      ["export"],
      "error: 'rollcall export' is called with KEY\n  help: see 'rollcall export --help'\n"
    ),
    (
      ["export", "recnt"],
      "error: the store holds no definition 'recnt'\n  help: did you mean 'recent'?\n"
    ),
    (
      ["export", "recent", "--format", "cvs"],
      "error: '--format' is ndjson or csv\n  help: did you mean 'csv'?\n"
    ),
    (
      ["preview", "recnt"],
      "error: there is no definition 'recnt'\n  help: did you mean 'recent'?\n"
    ),
    (
      ["run", "--at", "2999-01-01"],
      "error: 2999-01-01T00:00:00.000Z has not come yet, and runs until then would be refused\n"
        + "  help: add --future if that is meant\n"
    ),
    (
      ["run", "--at", "2023-02-01"],
      "error: the last run was at 2023-03-01T00:00:00.000Z, and this one is before it\n"
        + "  help: runs go forward in time; look at the past with 'rollcall preview --at'\n"
    ),
    (
      ["plan", "--at", "2023-02-01"],
      "error: the last run was at 2023-03-01T00:00:00.000Z, and this one is before it\n"
        + "  help: runs go forward in time; look at the past with 'rollcall preview --at'\n"
    ),
  ]

  @Test("What makes no sense is said with the nearest right spelling, and exits with 2")
  func mistakes() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.json("run", "--at", "2023-03-01", "--no-send")
    let before = try rollcall.contents()
    for (words, errors) in Self.mistakes {
      let outcome = try rollcall.run(words)
      #expect(outcome.ending == .code(2), "\(words)")
      #expect(outcome.errors == errors)
      #expect(outcome.output == "", "\(words)")
    }
    let isUntouched = try rollcall.contents() == before
    #expect(isUntouched)
  }

  @Test("With --json the mistake is a document on standard output too")
  func document() throws {
    let rollcall = try Rollcall()
    let document = try rollcall.json("rnu", exits: 2)
    #expect(
      document.json
        == #"{"error":{"message":"there is no verb 'rnu'","help":"did you mean 'run'?"}}"#)
  }

  @Test("An instant after the clock is taken with --future, and for everything but a run without")
  func future() throws {
    let rollcall = try Rollcall.withOrders()
    #expect(try rollcall.run("plan", "--at", "2999-01-01").ending == .code(0))
    #expect(try rollcall.run("preview", "recent", "--at", "2999-01-01").ending == .code(0))
    let run = try rollcall.json("run", "--at", "2999-01-01", "--future", "--no-send")
    #expect(run["at"] == .string("2999-01-01T00:00:00.000Z"))
    #expect(try rollcall.run("run", "--no-send").ending == .code(2), "the clock is before it")
  }

  @Test("Global flags stand before or after the verb, with a space or an equals sign")
  func globals() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.json("run", "--at", "2023-03-01", "--no-send")
    let plain = try rollcall.run("export", "recent").output
    for words in [
      ["--store", "rollcall.sqlite", "export", "recent"],
      ["export", "--store=rollcall.sqlite", "recent"], ["export", "recent", "--"],
      ["--audiences", "nowhere", "export", "--", "recent"],
    ] {
      let outcome = try rollcall.run(words)
      #expect(outcome.ending == .code(0), "\(words)")
      #expect(outcome.output == plain)
    }
  }

  @Test("--help shows every verb, and each verb its own flags; --version its number")
  func help() throws {
    let rollcall = try Rollcall()
    for words in [["--help"], ["-h"], ["help"], []] {
      let outcome = try rollcall.run(words)
      #expect(outcome.ending == .code(0), "\(words)")
      #expect(outcome.errors == "")
      #expect(outcome.output.hasPrefix("rollcall calls the roll: "))
      for verb in [
        "ingest", "check", "preview", "plan", "run", "send", "export", "verify", "status",
        "sandbox", "demo",
      ] {
        #expect(outcome.output.contains("\n  \(verb) "), "\(verb)")
        let own = try rollcall.run(verb, "--help")
        #expect(own.ending == .code(0))
        #expect(own.output.contains("\nusage: rollcall \(verb)"))
      }
    }
    let run = try rollcall.run("run", "--help").output
    for flag in ["--full", "--no-send", "--future", "--at INSTANT", "--store FILE"] {
      #expect(run.contains("  \(flag) "))
    }
    let version = try rollcall.run("--version")
    #expect(version.ending == .code(0))
    #expect(version.output.hasPrefix("rollcall "))
    #expect(version.output.split(separator: ".").count == 3)
    #expect(try rollcall.run("--json").ending == .code(2), "flags alone are no call")
  }
}
