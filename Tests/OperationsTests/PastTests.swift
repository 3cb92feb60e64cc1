import Operations
import Oracle
import Testing
import Values

/// The past as numbers, and who was in.
struct PastTests {
  @Test("the history counts the spells where they cover a period, else the runs")
  func history() throws {
    let place = try Shop.open()
    try place.backfill(Shop.days(0, 20))
    for day in [21, 22, 35] { try place.run(at: Shop.start + Int64(day) * Shop.day) }
    let history = try place.session.history("recent", by: .week)
    #expect(history.points.count == 6)
    #expect(history.points.map { $0.source } == [.spells, .spells, .spells, .runs, .runs, .runs])
    let counts = history.points.map { [$0.size, $0.entered, $0.left, $0.changed] }
    // 2023-01-01 was a Sunday: one day, two weeks, five days and the rest of that week.
    #expect(
      counts == [
        [0, 0, 0, 0], [2, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0],
      ])
    let daily = try place.session.history(
      "recent", by: .day, from: Instant(milliseconds: Shop.start + 14 * Shop.day),
      to: Instant(milliseconds: Shop.start + 20 * Shop.day))
    #expect(daily.points.map(\.size) == [2, 1, 1, 1, 0, 0])
    #expect(daily.points.map(\.left) == [0, 1, 0, 0, 1, 0])
    #expect(throws: OperationError.self) { try place.session.history("recnt", by: .day) }
    try place.write("never.audience", "---\nname: Never\n---\nevent('No').count() >= 1\n")
    #expect(throws: OperationError.self) { try place.session.history("never", by: .day) }
  }

  @Test("values of a trait that follow one another are changes, and nobody comes or goes")
  func traitHistory() throws {
    let place = try Workplace([
      (
        "orders.trait",
        "---\nname: Orders\n---\nevent('Bought').within(10 days).sum(property('n'))\n"
      )
    ])
    try place.ingest(
      """
      {"type":"track","event":"Bought","messageId":"1","userId":"u","properties":{"n":2},\
      "timestamp":"2023-01-03T00:00:00Z"}
      {"type":"track","event":"Bought","messageId":"2","userId":"u","properties":{"n":3},\
      "timestamp":"2023-01-05T00:00:00Z"}

      """)
    try place.backfill(Shop.days(0, 20))
    let points = try place.session.history("orders", by: .month).points
    #expect(points.map { [$0.size, $0.entered, $0.left, $0.changed] } == [[0, 1, 1, 2]])
  }

  @Test("an export at an instant is the export behind a run at it, with what is known today")
  func exportAtInstant() throws {
    for seed in UInt64(0)..<20 {
      var generator = OracleGenerator(seed: seed &+ 12_000_000, options: .everything)
      let world = generator.makeCase()
      let place = try Workplace(world.files())
      try place.ingest(OracleCall.ndjson(world.calls))
      var session = place.session
      session.at = Instant(milliseconds: world.now)
      for format in Session.ExportFormat.allCases {
        var before: [String] = []
        for definition in world.definitions {
          try session.exportAtInstant(definition.key, format) { before.append($0) }
        }
        try place.run(at: world.now)
        var after: [String] = []
        for definition in world.definitions {
          try session.export(definition.key, format) { after.append($0) }
        }
        #expect(before.joined() == after.joined(), "seed \(seed)\n\(world)")
      }
    }
  }
}
