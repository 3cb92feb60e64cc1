import Foundation
import Testing
import Values

@testable import Definitions

/// `.destination` files.
@Suite struct DestinationTests {
  private static func project(
    _ lines: String, _ environment: [String: String] = [:]
  ) -> Project {
    Project(
      files: [
        Checked.file("a.audience", "---\nname: A\n---\ntrait('x') = 1"),
        Checked.file("heap.destination", "---\n\(lines)\n---\n"),
      ], folder: "audiences", environment: environment)
  }

  private static func read(
    _ lines: String, _ environment: [String: String] = [:]
  ) throws -> DestinationDefinition {
    let project = project(lines, environment)
    #expect(project.diagnostics.isEmpty, "\(project.diagnostics.map(\.rendered))")
    return try #require(project.destinations.first)
  }

  @Test("a destination of few words has the documented defaults")
  func defaults() throws {
    let destination = try Self.read("type: heap")
    #expect(destination.name == "heap")
    #expect(destination.target == .heap(appID: nil, url: "https://heapanalytics.com"))
    #expect(destination.identity == .userID)
    #expect(destination.booleans == .string)
    #expect(destination.absent == .empty)
    #expect(destination.every == nil)
    #expect(destination.pacing == .published)
    #expect(destination.events == .off)
    #expect(destination.fingerprint == nil)
  }

  @Test("every setting is read")
  func settings() throws {
    let destination = try Self.read(
      """
      type: heap
      app_id: 0123
      region: eu
      identity: user_id
      booleans: json
      absent: keep
      long_values: reject
      account_property: Account ID
      events: on
      every: 2h
      """)
    #expect(destination.events == .on)
    #expect(destination.target == .heap(appID: "0123", url: "https://c.eu.heap-api.com"))
    #expect(destination.booleans == .json)
    #expect(destination.absent == .keep)
    #expect(destination.every == Duration(2, .hour))
    #expect(destination.longValues == .reject && destination.accountProperty == "Account ID")
    #expect(destination.fingerprint == "heap https://c.eu.heap-api.com 0123 user_id")
    let file = try Self.read("type: file\npath: out/identify.ndjson")
    // What it talks to is the file itself, wherever its name is read.
    let path = FileManager.default.currentDirectoryPath + "/out/identify.ndjson"
    #expect(file.target == .file(path: path))
    #expect(file.fingerprint == "file \(path) user_id")
    #expect(file.booleans == .json)
  }

  @Test("the file's word comes before the environment's, and an empty one there is none")
  func environment() throws {
    let environment = ["HEAP_APP_ID": "7", "HEAP_URL": "http://127.0.0.1:8080/"]
    #expect(
      try Self.read("type: heap\nregion: eu", environment).target
        == .heap(appID: "7", url: "http://127.0.0.1:8080"))
    #expect(
      try Self.read("type: heap\napp_id: 8\nurl: http://localhost:1//", environment).target
        == .heap(appID: "8", url: "http://localhost:1"))
    #expect(
      try Self.read("type: heap", ["HEAP_APP_ID": "", "HEAP_URL": ""]).target
        == .heap(appID: nil, url: "https://heapanalytics.com"))
  }

  @Test("all the mistakes of a destination are told, each at its place")
  func mistakes() {
    expect(
      [.unknownSetting] + Array(repeating: .badSetting, count: 7),
      in: """
        ---
        type: heap
        ⟦ap_id⟧: 12
        region: ⟦asia⟧
        url: ⟦ftp://x⟧
        identity: ⟦email⟧
        booleans: ⟦yes⟧
        absent: ⟦null⟧
        events: ⟦true⟧
        every: ⟦2 hours⟧
        ---
        """, "heap.destination")
    expect(
      [.badSetting, .badSetting], in: "---\ntype: ⟦webhook⟧\nevery: ⟦0h⟧\n---\n", "x.destination")
    expect([.missingSetting], in: "⟦---⟧\nregion: us\n---\n", "x.destination")
    expect([.missingSetting], in: "---\ntype: ⟦file⟧\n---\n", "x.destination")
    expect([.badSetting], in: "---\ntype: heap\nidentity: ⟦trait⟧\n---\n", "x.destination")
  }

  @Test(
    "an app id is digits, as Heap would accept any other and lose the data",
    arguments: ["12a", "-1", "1 2", "١٢", "0x1", "1.0"])
  func appID(_ id: String) {
    expect([.badSetting], in: "---\ntype: heap\napp_id: ⟦\(id)⟧\n---\n", "x.destination")
  }

  @Test(
    "an address is a whole one",
    arguments: [
      "heapanalytics.com", "https://", "http:///", "https:/x", "HTTP://x", "http://a b", "http://é",
    ])
  func urls(_ url: String) {
    expect([.badSetting], in: "---\ntype: heap\nurl: ⟦\(url)⟧\n---\n", "x.destination")
  }

  @Test(
    "limits are not kept only where the file itself names this machine",
    arguments: ["127.0.0.1:8080", "127.9.9.9", "localhost:1", "[::1]:8080"])
  func unpaced(_ host: String) throws {
    #expect(try Self.read("type: heap\nurl: http://\(host)\npacing: off").pacing == .off)
    #expect(
      try Self.read("type: heap\nurl: http://\(host)\npacing: published").pacing == .published)
  }

  @Test(
    "everywhere else they are, whatever the environment says",
    arguments: [
      "region: eu", "url: https://heapanalytics.com", "url: http://127.0.0.1.example",
      "url: http://127.0.0.1@example", "url: http://127.0.0.256", "url: http://1.127.0.0",
      "url: http://localhost.example",
    ])
  func paced(_ line: String) {
    let project = Self.project(
      "type: heap\n\(line)\npacing: off", ["HEAP_URL": "http://127.0.0.1:8080"])
    #expect(
      project.diagnostics.map(\.rendered) == [
        """
        error[bad-setting]: 'pacing: off' is for a sandbox on this machine alone
          --> audiences/heap.destination:4:9
         4 | pacing: off
           |         ^^^ Heap's limits are kept
           = help: remove it, or add 'url: http://127.0.0.1:8080'

        """
      ])
    expect([.badSetting], in: "---\ntype: file\npath: x\npacing: ⟦off⟧\n---\n", "x.destination")
    expect([.badSetting], in: "---\ntype: heap\npacing: ⟦fast⟧\n---\n", "x.destination")
  }

  @Test("the words of a choice are listed")
  func choices() {
    let project = Self.project(
      "type: heap\nbooleans: yes\nabsent: no\nregion: asia\nidentity: email")
    #expect(
      project.diagnostics.map(\.message) == [
        "'booleans' must be string or json", "'absent' must be empty or keep",
        "'region' must be us or eu",
        "'identity' must be user_id, or 'trait NAME'",
      ])
  }

  @Test("two destinations may not talk to the same place")
  func duplicates() {
    let first = Checked.file("a.destination", "---\ntype: heap\napp_id: 1\n---")
    let second = Checked.file(
      "b.destination", "---\ntype: heap\napp_id: 1\nurl: https://heapanalytics.com/\n---")
    let other = Checked.file("c.destination", "---\ntype: heap\napp_id: 2\n---")
    let audience = Checked.file("a.audience", "---\nname: A\n---\ntrait('x') = 1")
    let project = Project(files: [first, second, other, audience], folder: "audiences")
    #expect(
      project.diagnostics.map(\.rendered) == [
        """
        error[duplicate-destination]: two destinations talk to the same place
          --> audiences/b.destination
           = help: audiences/a.destination does too: remove one of them

        """
      ])
    #expect(Project(files: [first, other, audience], folder: "audiences").isValid)
  }
}
