import Foundation
import HeapSandbox
import Testing
import Values

@testable import rollcall

@Suite("What is written about the sandbox")
struct SandboxPageTests {
  private static func text() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = "Sources/Operations/Operations.docc/Sandbox.md"
    return try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8)
  }

  /// What stands in backquotes, without the values behind a name.
  private static func names(_ text: String) -> Set<String> {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false)
    let quoted = stride(from: 1, to: parts.count, by: 2).map { parts[$0] }
    return Set(quoted.map { String($0.prefix { !" =[".contains($0) }) })
  }

  @Test("Every flag, limit and counter that it names is there, and every flag and limit is named")
  func names() throws {
    let text = try Self.text()
    let names = Self.names(text)
    for flag in Verb.sandbox.flags { #expect(names.contains(flag.name), "\(flag.name)") }
    for limit in HeapSandbox.RateLimits.Name.allCases {
      #expect(names.contains(limit.rawValue))
    }
    let flags = Set((Verb.sandbox.flags + Arguments.globals).map(\.name))
    for name in names where name.hasPrefix("--") { #expect(flags.contains(name), "\(name)") }
    let sandbox = try HeapSandbox(.init())
    defer { sandbox.stop() }
    let start = try #require(text.range(of: "Counters that a good sender leaves at zero"))
    let end = try #require(text.range(of: "## Faults"))
    let counters = Self.names(String(text[start.lowerBound..<end.lowerBound]))
    #expect(counters.count > 10)
    for counter in counters {
      #expect(sandbox.counters()["total"][counter] == .number(0), "\(counter)")
    }
  }

  @Test("The script that it shows is one")
  func script() throws {
    let text = try Self.text()
    let start = try #require(text.range(of: "```json\n"))
    let end = try #require(text[start.upperBound...].range(of: "```"))
    let faults = try Fault.script(Value(json: String(text[start.upperBound..<end.lowerBound])))
    #expect(faults.count == 3)
    let sandbox = try HeapSandbox(.init(faults: faults))
    sandbox.stop()
  }
}
