import Foundation
import Testing

@testable import benchmarks

@Suite struct DefinitionSetTests {
  private static let file = """
    ---
    name: Two Things
    ---
    event('A').where(property('x').contains('red')).within(10 days).count() >= 4
    AND event('B').between(10 days, 20 days).count() = 0 AND event('A').count() > 1
    AND trait('plan') = 'pro'

    """

  @Test func literalsHaveNamesInTheOrderOfTheQuery() throws {
    let template = try DefinitionTemplate(key: "two_things", file: Self.file)
    #expect(
      template.values(.init()) == [
        "e1": "'A'", "e2": "'B'", "d1": "864000000", "d2": "1728000000", "n1": "4", "n2": "0",
        "n3": "1", "s1": "'red'", "s2": "'pro'",
      ])
    #expect(template.file(.init(), number: 1) == Self.file)
  }

  @Test func aChoiceChangesTheFileAndTheValuesAlike() throws {
    let template = try DefinitionTemplate(key: "two_things", file: Self.file)
    let choice = DefinitionTemplate.Choice(
      events: ["A": "C"], durationQuarters: 6, thresholdQuarters: 8)
    #expect(
      template.file(choice, number: 3) == """
        ---
        name: Two Things 3
        key: two_things_3
        ---
        event('C').where(property('x').contains('red')).within(15 days).count() >= 8
        AND event('B').between(15 days, 30 days).count() = 0 AND event('C').count() > 1
        AND trait('plan') = 'pro'

        """)
    let values = template.values(choice)
    #expect(values["e1"] == "'C'")
    #expect(values["d2"] == "2592000000")
    #expect(values["n1"] == "8")
    #expect(values["n2"] == "0")
  }

  @Test func twoHundredDefinitionsAreDifferentAndBeginWithTheTwenty() throws {
    let small = try DefinitionSet(source: BenchFolder.source, count: 20)
    let large = try DefinitionSet(source: BenchFolder.source, count: 200)
    #expect(Array(large.keys.prefix(20)) == small.keys)
    #expect(Set(large.keys).count == 200)
    #expect(Set(large.entries.map { $0.template.file($0.choice, number: 1) }).count == 200)
  }

  @Test func everyDefinitionHasSQLInEveryDialect() throws {
    let set = try DefinitionSet(source: BenchFolder.source, count: 40)
    let folder = try BenchFolder()
    try set.writeSQL(to: folder.path)
    for key in set.keys {
      for dialect in DefinitionSet.Dialect.allCases {
        #expect(try folder.text("\(key).\(dialect.rawValue).sql").contains("{only}"))
      }
    }
  }

  @Test func aFileWithoutAQueryIsRefused() {
    #expect(throws: TemplateError.self) {
      try DefinitionTemplate(key: "none", file: "name: None\n")
    }
  }

  @Test(arguments: [
    (nil, "there is no SQL of 'two_things' for sqlite"),
    ("SELECT {n9}", "the SQL of 'two_things' asks for an unknown '{n9}'"),
  ])
  func missingAndUnknownSQLIsRefused(sql: String?, message: String) throws {
    let folder = try BenchFolder()
    for part in ["audiences", "sql"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(part), withIntermediateDirectories: true)
    }
    try Self.file.write(toFile: folder.file("audiences/two_things.audience"))
    try sql?.write(toFile: folder.file("sql/two_things.sql"))
    let set = try DefinitionSet(source: folder.path, count: 1)
    let error = #expect(throws: TemplateError.self) { try set.sql(set.entries[0], .sqlite) }
    #expect(error?.description == message)
  }
}
