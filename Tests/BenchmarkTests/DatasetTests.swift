import Foundation
import Operations
import Testing
import Values

@testable import benchmarks

@Suite struct DatasetTests {
  let folder: BenchFolder
  let data: Dataset

  init() throws {
    folder = try BenchFolder()
    data = Dataset(population: Population(events: 20_000, users: 2000), folder: folder.path)
    try data.generate()
  }

  @Test func theSamePopulationIsTheSameBytesAndAnotherSeedIsNot() throws {
    let first = try String(contentsOfFile: data.events, encoding: .utf8)
    try FileManager.default.removeItem(atPath: data.events)
    try data.generate()
    #expect(try String(contentsOfFile: data.events, encoding: .utf8) == first)
    let other = Dataset(
      population: Population(events: 20_000, users: 2000, seed: 2), folder: folder.path)
    try other.generate()
    #expect(try String(contentsOfFile: other.events, encoding: .utf8) != first)
  }

  @Test func everyLineIsAcceptedAndNoneIsADuplicate() throws {
    let session = Session(storePath: folder.file("store.sqlite"), folder: folder.path)
    let report = try session.ingest([data.events])
    #expect(report.accepted == 22_000)
    #expect(report.rejected == 0)
  }

  @Test func everyUserIsIdentifiedOnceWithFiveTraits() throws {
    let identifies = try folder.calls(data.events).filter { $0["type"] == .string("identify") }
    #expect(identifies.count == 2000)
    #expect(Set(identifies.map { $0["userId"] }).count == 2000)
    #expect(identifies.allSatisfy { $0["traits"].memberCount == 5 })
    #expect(Set(identifies.map { $0["traits"]["plan"] }).count == 3)
  }

  @Test func eventsFollowZipfAndHaveFiveProperties() throws {
    let events = try folder.calls(data.events).filter { $0["type"] != .string("identify") }
    let counts = Dictionary(grouping: events) { $0["event"].json }.mapValues(\.count)
    let sum = (1...50).reduce(0) { $0 + 1 / Double($1) }
    #expect(counts.count == 50)
    #expect(abs(Double(counts["null"] ?? 0) - 20_000 / sum) < 400)
    #expect(abs(Double(counts["\"Product Viewed\""] ?? 0) - 10_000 / sum) < 300)
    #expect(events.allSatisfy { $0["properties"].memberCount == 5 })
    #expect(Set(events.map { $0["properties"]["category"] }).count == 20)
    #expect(Set(events.map { $0["properties"]["url"] }).count > 19_900)
  }

  @Test func oneEventInAHundredIsLateAndNoneIsOutsideTheDays() throws {
    var latest = Int64.min
    var late = 0
    for call in try folder.calls(data.events) {
      let time = try #require(call["timestamp"].date).milliseconds
      #expect(time >= Population.start.milliseconds && time < Population.end.milliseconds)
      if time < latest { late += 1 }
      latest = max(latest, time)
    }
    #expect((150...250).contains(late))
  }

  @Test func changesAreOneEventEachOfDifferentUsersInTheLastSecond() throws {
    let now = Population.end + Values.Duration(milliseconds: 1000)
    let file = folder.file("changes")
    try data.writeChanges(1500, first: 0, before: now, to: file)
    let calls = try folder.calls(file)
    #expect(calls.count == 1500)
    #expect(Set(calls.map { $0["userId"] }).count == 1500)
    let times = try calls.map { try #require($0["timestamp"].date) }
    #expect(times.allSatisfy { $0 > Population.end && $0 <= now })
    try data.writeChanges(1500, first: 1500, before: now, to: file)
    let messages = Set(calls.map { $0["messageId"] })
    #expect(try folder.calls(file).allSatisfy { !messages.contains($0["messageId"]) })
  }

  @Test func partsOfTheDataAreTheLinesOfTheWhole() throws {
    let file = folder.file("part")
    try data.write(100..<200, to: file)
    let lines = try String(contentsOfFile: data.events, encoding: .utf8).split(separator: "\n")
    let part = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    #expect(part == Array(lines[100..<200]))
  }

  @Test(arguments: [100, 1000, 2000, 4096, 99_999])
  func theScatteredOrderTakesEveryUserOnce(users: Int) {
    let population = Population(events: 1000, users: users)
    #expect(Set((0..<users).map(population.scattered)).count == users)
  }
}

extension Value {
  fileprivate var memberCount: Int {
    if case .object(let members) = self { return members.count }
    return 0
  }
}
