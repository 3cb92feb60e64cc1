import Foundation
import HeapSandbox
import Testing
import Values

@testable import rollcall

@Suite("The verb sandbox")
struct SandboxVerbTests {
  private static func configuration(
    _ words: String..., at instant: Instant? = nil
  ) throws -> HeapSandbox.Configuration {
    try HeapSandbox.Configuration(
      Arguments(words[...], flags: Verb.sandbox.flags), at: instant)
  }

  @Test("Without flags it is the strict Heap on port 8080 that knows every app")
  func defaults() throws {
    let configuration = try Self.configuration()
    let plain = HeapSandbox.Configuration()
    #expect(configuration.port == 8080)
    #expect(configuration.knownApps == nil)
    #expect(configuration.profile == .strict)
    #expect(configuration.partial == .refuse)
    #expect(configuration.region == .us)
    #expect(configuration.limits == plain.limits)
    #expect(configuration.limitMode == .refuse)
    #expect(configuration.retryAfter == .seconds)
    #expect(configuration.emptyReplies == nil)
    #expect(configuration.maxBodyBytes == 1 << 20)
    #expect(configuration.faults == [])
  }

  @Test("Every flag sets what it says")
  func flags() throws {
    let configuration = try Self.configuration(
      "--port", "0", "--app", "11", "--app", "12=eu", "--region=eu", "--profile", "lenient",
      "--account-id-property", "company", "--max-body", "99", "--partial=apply-valid", "--limit",
      "single_per_identity=2/90s", "--limit", "bulk_events_per_app=off", "--limit",
      "bulk_user_requests=0/1m", "--shared-counter", "--limit-mode", "drop", "--retry-after",
      "date",
      "--empty-204", "--seed", "7", "--journal", "j", at: Instant(milliseconds: 5))
    #expect(configuration.port == 0)
    #expect(configuration.knownApps == ["11", "12"])
    #expect(configuration.regions == ["12": .eu])
    #expect(configuration.region == .eu)
    #expect(configuration.profile == .lenient)
    #expect(configuration.accountIDProperty == "company")
    #expect(configuration.maxBodyBytes == 99)
    #expect(configuration.partial == .applyValid)
    var limits = HeapSandbox.RateLimits()
    limits[.singlePerIdentity] = .init(2, per: Duration(milliseconds: 90_000))
    limits[.bulkEventsPerApp] = nil
    limits[.bulkUserRequests] = .init(0, per: Duration(milliseconds: 60_000))
    limits.shareSingles = true
    #expect(configuration.limits == limits)
    #expect(configuration.limitMode == .drop)
    #expect(configuration.retryAfter == .date)
    #expect(configuration.emptyReplies == 7)
    #expect(configuration.journal == "j")
    #expect(configuration.clock() == Instant(milliseconds: 5))
  }

  @Test(
    "A value that is none is a usage error with the fix",
    arguments: [
      (["--profile", "lenent"], "'--profile' knows strict, lenient, and not 'lenent'"),
      (["--region", "de"], "'--region' knows us, eu, and not 'de'"),
      (["--partial", "yes"], "'--partial' knows refuse, apply-valid, and not 'yes'"),
      (["--limit-mode", "x"], "'--limit-mode' knows refuse, drop, and not 'x'"),
      (["--retry-after", "x"], "'--retry-after' knows absent, seconds, date, and not 'x'"),
      (["--app", "x"], "'--app' is Heap's app id, digits alone, as in 11 or 11=eu"),
      (["--app", "11=de"], "'--app' knows us, eu, and not 'de'"),
      (["--limit", "x=1/1s"], "'--limit' knows single_per_identity, bulk_events_per_identity, "),
      (
        ["--limit", "bulk_user_requests=1"],
        "'--limit bulk_user_requests' is a number in a time, as in 30/30s, or off"
      ),
      (["--limit", "bulk_user_requests=-1/1s"], "'--limit bulk_user_requests' is a number in"),
      (["--limit", "bulk_user_requests=1/0s"], "'--limit bulk_user_requests' is a number in"),
      (["--seed", "-1"], "'--seed' is a whole number from 0 to"),
      (["--max-body", "0"], "'--max-body' is a whole number from 1 to"),
      (["--faults", "nowhere.json"], "cannot read the script of faults nowhere.json"),
      (["--faults", "bad.json"], "fault 1: path is not one of /api/"),
      (["--faults", "none.json"], "none.json: fault 1: do is not one of status, "),
      (["--faults", "broken.json"], "broken.json: "),
    ])
  func usage(_ words: [String], _ message: String) throws {
    let rollcall = try Rollcall()
    try rollcall.write(#"[{"path":"/nowhere","nth":1,"do":"close"}]"#, to: "bad.json")
    try rollcall.write(#"[{"nth":1}]"#, to: "none.json")
    try rollcall.write("[", to: "broken.json")
    let outcome = try rollcall.run(["sandbox", "--port", "0"] + words)
    #expect(outcome.ending == .code(2))
    #expect(outcome.errors.hasPrefix("error: " + message), "\(outcome.errors)")
    #expect(outcome.output == "")
  }

  @Test("The binary listens, keeps a journal, meets its faults, and ends in good order")
  func listening() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.write(#"[{"nth":1,"do":"status","status":503,"apply":true}]"#, to: "faults.json")
    let sandbox = try rollcall.start([
      "sandbox", "--port", "0", "--app", "11", "--faults", "faults.json", "--journal",
      "journal.ndjson", "--at", "2026-01-01", "--json",
    ])
    defer { sandbox.terminate() }
    for _ in 0..<1000 where try sandbox.output().isEmpty { Thread.sleep(forTimeInterval: 0.02) }
    let started = try Value(json: try sandbox.output())
    #expect(started["profile"] == .string("strict"))
    #expect(started["region"] == .string("us"))
    guard case .string(let url) = started["url"], case .number(let port) = started["port"] else {
      Issue.record("no address")
      return
    }
    #expect(url == "http://127.0.0.1:\(Int(port))")
    rollcall.environment = ["HEAP_URL": url, "HEAP_APP_ID": "11"]
    let run = try rollcall.json("run", "--at", "2023-03-01")
    #expect(run["pending"] == .number(0))
    sandbox.terminate()
    #expect(try sandbox.outcome().ending == .code(0))
    let journal = try rollcall.read("journal.ndjson")
    let lines = try journal.split(separator: "\n").map { try Value(json: String($0)) }
    #expect(lines.map { $0["status"] } == [.number(503), .number(200)])
    #expect(lines.map { $0["decision"] } == [.string("accepted"), .string("accepted")])
    #expect(
      lines.map { $0["at"] } == Array(repeating: .string("2026-01-01T00:00:00.000Z"), count: 2))
    #expect(lines[0]["sha256"] == lines[1]["sha256"])
    #expect(!journal.contains("ann"))
  }
}
