import Definitions
import Foundation
import Operations
import Testing

@Suite("The folder that is imported into")
struct FolderTests {
  @Test("an existing file stays, and is replaced with force")
  func existing() throws {
    let work = try Import()
    let mine = "---\nname: Mine\nkey: big_spenders\n---\nevent('Mine').count() > 0\n"
    try work.put("big_spenders.audience", mine)
    let report = try work.take(entry())
    #expect(report.written.isEmpty && report.failed.isEmpty)
    #expect(report.skipped.map(\.file) == [work.folder + "/big_spenders.audience"])
    #expect(report.skipped.map(\.reason) == ["the file is there already"])
    #expect(work.text("big_spenders.audience") == mine)
    #expect(try work.take(entry(), force: true).written.map(\.key) == ["big_spenders"])
    #expect(work.text("big_spenders.audience")?.contains("name: Big Spenders\n") == true)
  }

  @Test("an entry whose file was written by hand is skipped, though it could not be imported")
  func writtenByHand() throws {
    let work = try Import()
    try work.put("big_spenders.audience", "---\nname: Big Spenders\n---\nevent('A').count() > 0\n")
    let report = try work.take(entry(["definition": "null"]))
    #expect(report.failed.isEmpty && report.skipped.count == 1)
  }

  @Test("a dry run says the same and writes nothing")
  func dryRun() throws {
    let work = try Import()
    let json = "[\(entry()), \(entry(["name": #""N""#, "key": #""n""#, "definition": "null"]))]"
    let dry = try work.take(json, dryRun: true)
    #expect(dry.isDryRun)
    #expect(!FileManager.default.fileExists(atPath: work.folder))
    let real = try work.take(json)
    #expect(!real.isDryRun)
    #expect(dry.written.map(\.file) == real.written.map(\.file))
    #expect(dry.failed.map(\.reason) == real.failed.map(\.reason))
    #expect(work.names == ["big_spenders.audience"])
  }

  @Test("a dry run with force leaves what is there")
  func dryForce() throws {
    let work = try Import()
    try work.put("big_spenders.audience", "mine")
    #expect(try work.take(entry(), force: true, dryRun: true).written.count == 1)
    #expect(work.text("big_spenders.audience") == "mine")
  }

  @Test("a key that another file of the folder has is refused, with force too")
  func keyElsewhere() throws {
    let work = try Import()
    try work.put("zz.trait", "---\nname: Z\nkey: big_spenders\n---\nevent('A').count()\n")
    for force in [false, true] {
      let report = try work.take(entry(), force: force)
      #expect(report.failed.first?.diagnostics.map(\.id) == [.duplicateKey])
      #expect(work.names == ["zz.trait"])
    }
  }

  @Test("an import that would break a file of the folder is refused")
  func breaksAnother() throws {
    let work = try Import()
    try work.put("above.audience", "---\nname: Above\n---\ntrait('big_spenders') = true\n")
    let report = try work.take(
      "[\(entry(["enabled": "false"])), \(entry(["name": #""O""#, "key": #""o""#]))]")
    #expect(report.failed.map(\.name) == ["Big Spenders"])
    #expect(report.failed.first?.diagnostics.map(\.id) == [.disabledReference])
    #expect(work.names == ["above.audience", "o.audience"])
    #expect(work.checked.isValid)
  }

  @Test("mistakes that the folder had before are none of the import's")
  func brokenBefore() throws {
    let work = try Import()
    try work.put("broken.audience", "---\nname: Broken\n---\nevent(\n")
    #expect(try work.take(entry()).written.map(\.key) == ["big_spenders"])
  }

  @Test("nothing half-written is left when a file cannot be written")
  func unwritable() throws {
    let work = try Import()
    try work.put("big_spenders.audience/inside", "x", inFolder: "big_spenders.audience")
    let report = try work.take(
      "[\(entry()), \(entry(["name": #""O""#, "key": #""o""#]))]", force: true)
    #expect(report.failed.map(\.name) == ["Big Spenders"])
    #expect(report.failed.first?.reason.contains("cannot be written: ") == true)
    #expect(work.names == ["big_spenders.audience", "o.audience"])
  }

  @Test("a folder that is a file is an error")
  func noFolder() throws {
    let work = try Import()
    try Data().write(to: URL(fileURLWithPath: work.folder))
    let error = try #require(throws: OperationError.self) { try work.take(entry()) }
    #expect(error.message == "the definitions folder '\(work.folder)' cannot be read")
  }

  @Test("a folder is created with those around it, and only for a file")
  func created() throws {
    let work = try Import()
    try work.take(entry(["definition": "null"]))
    #expect(!FileManager.default.fileExists(atPath: work.folder))
    let deep = work.root + "/a/b"
    let report = try Session(storePath: "none", folder: deep).importDefinitions(
      try work.saved(entry()))
    #expect(report.written.map(\.file) == [deep + "/big_spenders.audience"])
  }
}

extension Import {
  fileprivate func put(_ name: String, _ text: String, inFolder inner: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder + "/" + inner, withIntermediateDirectories: true)
    try put(name, text)
  }

  fileprivate func saved(_ json: String) throws -> String {
    try Data(json.utf8).write(to: URL(fileURLWithPath: source))
    return source
  }
}
