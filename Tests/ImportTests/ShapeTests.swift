import Definitions
import Foundation
import Operations
import Testing

@Suite("The shapes of the API's answers")
struct ShapeTests {
  static let trait = entry([
    "name": #""Number Of Orders""#, "key": #""number_of_orders""#,
    "definition": definition("event('Order Completed').count()"),
  ])

  @Test(
    "every shape gives the same files",
    arguments: [
      "[\(entry()), \(trait)]",
      #"{"data": {"audiences": [\#(entry())], "computedTraits": [\#(trait)]}}"#,
      #"{"audiences": [\#(entry())], "computedTraits": [\#(trait)]}"#,
      #"[{"data": {"audience": \#(entry())}}, {"data": {"computedTrait": \#(trait)}}]"#,
      #"[{"data": {"audiences": [\#(entry())]}}, {"data": {"computedTraits": [\#(trait)]}}]"#,
      "\u{FEFF}[\(entry()), \(trait)]",
    ])
  func everyShape(_ json: String) throws {
    let work = try Import()
    let report = try work.take(json)
    #expect(report.failed.map(\.reason) == [])
    #expect(report.written.map(\.key) == ["big_spenders", "number_of_orders"])
    #expect(report.written.map(\.file).first == work.folder + "/big_spenders.audience")
    #expect(work.names == ["big_spenders.audience", "number_of_orders.trait"])
    #expect(work.checked.isValid)
  }

  @Test("a bare object is what its query is")
  func bareObject() throws {
    let work = try Import()
    try work.take(entry())
    try work.take(Self.trait)
    #expect(work.names == ["big_spenders.audience", "number_of_orders.trait"])
  }

  @Test("a query that is no condition is refused where the API says it is an audience")
  func envelopeDecides() throws {
    let work = try Import()
    let report = try work.take(#"{"data": {"audience": \#(Self.trait)}}"#)
    #expect(report.failed.first?.diagnostics.first?.id == .conditionExpected)
    #expect(work.names == [])
  }

  @Test("an empty list is an import of nothing")
  func emptyList() throws {
    let work = try Import()
    let report = try work.take(#"{"data": {"audiences": [], "pagination": {"current": "MA=="}}}"#)
    #expect(report.written.isEmpty && report.failed.isEmpty && !report.hasMorePages)
    #expect(!FileManager.default.fileExists(atPath: work.folder))
  }

  @Test("a page that names a next one says so")
  func morePages() throws {
    let page = #"{"data": {"audiences": [\#(entry())], "pagination": {"next": "MQ=="}}}"#
    #expect(try Import().take(page, dryRun: true).hasMorePages)
  }

  @Test(
    "JSON of another shape is an error that shows the right one",
    arguments: [
      #"{"errors": [{"type": "forbidden"}]}"#, "3", #"{"data": {}}"#, #"{"data": {"sources": []}}"#,
    ])
  func otherShape(_ json: String) throws {
    let error = try #require(throws: OperationError.self) { try Import().take(json) }
    #expect(error.message.hasSuffix("segment.json holds no audience and no computed trait"))
    #expect(error.help?.contains("computedTraits") == true)
  }

  @Test(
    "bad JSON is an error with its line, column and byte",
    arguments: [
      ("{\n  \"name\": oops\n}", ":2:11: not JSON at byte 13"),
      ("\u{FEFF}[}", ":1:3: not JSON at byte 5"),
      ("", ":1:1: the JSON ends too early, at byte 1"),
      ("[] []", ":1:4: text after the end of the JSON at byte 4"),
    ])
  func badJSON(_ json: String, _ place: String) throws {
    let work = try Import()
    let error = try #require(throws: OperationError.self) { try work.take(json) }
    #expect(error.message == work.source + place)
    #expect(error.kind == .wrong)
    #expect(work.names == [])
  }

  @Test("a file that is not there is an error")
  func noFile() throws {
    let session = Session(storePath: "none", folder: "none")
    let error = try #require(throws: OperationError.self) {
      try session.importDefinitions("/no/such/file.json")
    }
    #expect(error.message == "'/no/such/file.json' cannot be read")
  }
}
