import Definitions
import Foundation
import Operations
import Testing

@Suite("What is not imported")
struct RefusalTests {
  @Test(
    "a broken entry is reported with its reason and hinders no other",
    arguments: [
      (["definition": "null"], "its definition is null, so there is no query to import"),
      (["definition": nil], "its definition is null, so there is no query to import"),
      (["definition": #"{"type": "users"}"#], "its definition has no query"),
      (["definition": #"{"query": " \n"}"#], "its definition has no query"),
      (["definition": #"{"query": 3}"#], "its 'query' is not a text"),
      (["name": nil], "it has no name"),
      (["name": #""\n ""#], "it has no name"),
      (["name": "7"], "its 'name' is not a text"),
      (["key": "7"], "its 'key' is not a text"),
      (["description": "[]"], "its 'description' is not a text"),
      (["enabled": #""yes""#], "its 'enabled' is neither true nor false"),
      (
        ["key": #""../outside""#],
        "'../outside' cannot be its key: a key holds letters, digits and '_' only"
      ),
      (["key": #""user_id""#], "'user_id' cannot be its key: Heap refuses 'user_id' as a property"),
      (
        ["key": nil, "name": #""日本""#],
        "'' cannot be its key: a key has at least one letter or digit"
      ),
      (
        ["definition": #"{"query": "event('A').count() > 1", "type": "devices"}"#],
        "its type 'devices' is neither users nor accounts"
      ),
      (
        ["definition": #"{"query": "event('A').count() > 1", "targetEntity": "household"}"#],
        "it is about the entity 'household', which is not supported yet"
      ),
    ] as [([String: String?], String)])
  func broken(_ fields: [String: String?], _ reason: String) throws {
    let work = try Import()
    let good = entry(["name": #""Good""#, "key": #""good""#])
    let report = try work.take("[\(entry(fields)), \(good)]")
    #expect(report.failed.map(\.reason) == [reason])
    #expect(report.written.map(\.key) == ["good"])
    #expect(work.names == ["good.audience"])
  }

  @Test("an entry that is no object is reported by its place")
  func noObject() throws {
    let report = try Import().take("[3, \(entry())]")
    #expect(report.failed.map(\.name) == ["entry 1"])
    #expect(report.failed.map(\.reason) == ["it is not a JSON object"])
  }

  @Test("a failed entry is called by its name, else by its key")
  func labels() throws {
    let report = try Import().take(
      "[\(entry(["definition": "null"])), \(entry(["name": nil])), "
        + "\(entry(["name": nil, "key": nil]))]")
    #expect(report.failed.map(\.name) == ["Big Spenders", "big_spenders", "entry 3"])
  }

  @Test("a query that does not parse is reported with what check would say")
  func badQuery() throws {
    let work = try Import()
    let report = try work.take(
      entry(["definition": definition("event('A').withn(3 days).count() > 1")]))
    let failed = try #require(report.failed.first)
    #expect(failed.reason == "there is no function 'withn'")
    #expect(
      failed.diagnostics.map(\.rendered) == [
        """
        error[unknown-function]: there is no function 'withn'
          --> \(work.folder)/big_spenders.audience:4:12
         4 | event('A').withn(3 days).count() > 1
           |            ^^^^^ not a filter or a reducer of an event stream
           = help: did you mean 'within'?

        """
      ])
    #expect(work.names == [])
  }

  @Test("entities are refused in the words of check")
  func notSupported() throws {
    let work = try Import()
    let report = try work.take(
      entry(["definition": definition("entity('orders').count() >= 1")]))
    #expect(report.failed.map(\.diagnostics).map { $0.map(\.id) } == [[.notSupported]])
    #expect(
      report.failed.map(\.reason) == ["entity('orders'): this version has no entities"])
    #expect(work.names == [])
  }

  @Test("the second entry with a key is reported, whatever its case and kind")
  func repeatedKey() throws {
    let work = try Import()
    let report = try work.take(
      #"""
      {"data": {"audiences": [\#(entry()), \#(entry(["key": #""Big_Spenders""#]))],
       "computedTraits": [\#(entry(["definition": definition("event('A').count()")]))]}}
      """#)
    #expect(report.written.map(\.key) == ["big_spenders"])
    #expect(
      report.failed.map(\.reason) == [
        "its key 'Big_Spenders' is that of 'Big Spenders' too",
        "its key 'big_spenders' is that of 'Big Spenders' too",
      ])
    #expect(work.names == ["big_spenders.audience"])
  }

  @Test("files that are right alone and wrong together are not written")
  func circle() throws {
    let work = try Import()
    func refers(_ key: String, to other: String) -> String {
      entry([
        "name": "\"\(key)\"", "key": "\"\(key)\"",
        "definition": definition("trait('\(other)') = true"),
      ])
    }
    let report = try work.take("[\(refers("a", to: "b")), \(refers("b", to: "a")), \(entry())]")
    #expect(report.failed.map(\.name) == ["a", "b"])
    #expect(report.failed.flatMap(\.diagnostics).map(\.id) == [.cycle])
    #expect(work.names == ["big_spenders.audience"])
  }

  @Test("whoever refers to an entry that failed fails with it, for it would mean another trait")
  func missingReference() throws {
    let work = try Import()
    let above = entry([
      "name": #""Above""#, "key": #""above""#,
      "definition": definition("trait('big_spenders') = true"),
    ])
    let json = "[\(above), \(entry(["definition": "null"]))]"
    #expect(
      try work.take(json).failed.first?.reason
        == "it refers to 'big_spenders', which could not be imported")
    #expect(work.names == [])
    // When the folder has the definition, there is no doubt.
    try work.put("spenders.audience", "---\nname: Big Spenders\n---\nevent('A').count() > 3\n")
    #expect(try work.take(json).written.map(\.key) == ["above"])
    #expect(work.checked.isValid)
  }
}
