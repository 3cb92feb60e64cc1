import Testing

@testable import benchmarks

@Suite struct OptionsTests {
  @Test func whatIsAskedForIsTaken() throws {
    let options = try Options([
      "--events", "5000", "--repeat", "3", "--cases", "tick-200,ingest", "--peers", "all", "--keep",
    ])
    #expect(options.population == Population(events: 5000, users: 500))
    #expect(options.chosen.map(\.name) == ["ingest", "tick-200"])
    #expect(options.peers == PeerName.allCases)
    #expect(options.keeps && options.repeats == 3)
    #expect(try Options(["--hours", "5"]).hours == 5 && Options([]).hours == 168)
    #expect(try Options([]).chosen.count == Case.all.count)
    #expect(try Options(["--peers", "chdb,duckdb"]).peers == [.chdb, .duckdb])
  }

  @Test(arguments: [
    (["--evnts", "5"], OptionError.unknown("--evnts")),
    (["events"], .unknown("events")),
    (["--events"], .noValue("--events")),
    (["--events", "0"], .notANumber("--events", "0")),
    (["--repeat", "x"], .notANumber("--repeat", "x")),
    (["--cases", "ingest,none"], .noCase("none")),
    (["--peers", "postgres"], .noPeer("postgres")),
    (["--events", "999"], .tooSmall),
    (["--users", "99"], .tooSmall),
  ])
  func mistakesAreRefused(words: [String], error: OptionError) {
    #expect(throws: error) { try Options(words[...]) }
  }

  @Test func everyCaseHasANameOfItsOwn() {
    #expect(Set(Case.all.map(\.name)).count == Case.all.count)
  }
}
