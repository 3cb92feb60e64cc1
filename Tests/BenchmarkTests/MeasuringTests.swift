import Testing
import Values

@testable import benchmarks

@Suite struct MeasuringTests {
  @Test(
    arguments: [([], 0), ([3], 3), ([9, 1, 2], 2), ([4, 1, 2, 9], 3)] as [([Double], Double)])
  func theMedianIsTheMiddle(numbers: [Double], median: Double) {
    #expect(Measurement.median(numbers) == median)
  }

  @Test func numbersAreWrittenWithCommasAndRounded() {
    #expect(grouped(1_234_567) == "1,234,567")
    #expect(grouped(-123_456) == "-123,456")
    #expect(decimal(1234.5678, 2) == "1,234.57")
    #expect(decimal(0.049, 1) == "0.0")
    #expect(decimal(2.005, 3) == "2.005")
    #expect(decimal(-0.5, 1) == "-0.5")
  }

  @Test func aCommandsTimeAndMemoryAreItsOwn() throws {
    let outcome = try Child.run([
      "/bin/sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo out; echo err >&2",
    ])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output == "out\n")
    #expect(outcome.errors == "err\n")
    #expect(outcome.user.seconds > 0.01)
    #expect(outcome.wall.seconds >= (outcome.user.seconds) * 0.5)
    #expect(outcome.peak > 100_000)
    #expect(try #require(outcome.peakWithoutFiles) < outcome.peak)
  }

  @Test func endingsAreToldApart() throws {
    #expect(try Child.run(["/bin/sh", "-c", "exit 3"]).exitCode == 3)
    #expect(try Child.run(["/bin/sh", "-c", "kill -9 $$"]).exitCode == 137)
    let error = #expect(throws: ChildError.self) { try Child.run(["/no/such/program"]) }
    #expect(
      error?.description == "'/no/such/program' cannot be started: No such file or directory")
  }

  @Test func memoryIsReadFromTheLineOfItsName() {
    let status = "VmRSS:\t 900 kB\nRssAnon:\t     12 kB\nRssFile:\t 888 kB\n"
    #expect(MemoryWatch.bytes(named: "RssAnon", in: status) == 12 * 1024)
    #expect(MemoryWatch.bytes(named: "RssShmem", in: status) == nil)
  }

  @Test func tablesHoldMediansRatesAndRatios() {
    var report = Report(population: Population(events: 1000, users: 100))
    var own = Measurement("full-20", engine: "rollcall")
    for seconds in [0.4, 0.2, 0.3] { own.add(seconds) }
    own.setAmount(300)
    var other = Measurement("full-20", engine: "duckdb")
    other.add(0.6)
    report.add([own, other])
    let text = report.markdown
    #expect(
      text.contains("| full-20 | 0.300 s | 0.200 s, 0.400 s |  | 0.0 ms | 300 | 1,000 | 0 |  |"))
    #expect(text.contains("| full-20 | duckdb | 0.600 s | one only | 2.00 |  |"))
    #expect(report.document["measurements"].elements.first?["median"] == .number(0.3))
  }

  @Test func theShareOfMemoryIsOfWhatAFullRunReads() {
    var report = Report(population: Population(events: 1000, users: 100))
    var own = Measurement("full-20", engine: "rollcall")
    own.add(0.5)
    report.add(own)
    report.storeBytes = 2_000_000
    report.storedEvents = 1100
    report.bandwidth = 10e9
    #expect(!report.markdown.contains("memory gives"))
    report.tables = .object([
      .init("histories", .number(5e9)), .init("events", .number(7e9)),
      .init("digests", .number(8e8)), .init("standings", .number(2e8)),
    ])
    #expect(
      report.markdown.contains(
        "800 MB of digests, in place of 5,000 MB of histories, and 200 MB of standings at 2.00 GB/s, "
          + "20.0 % of the 10.0 GB/s"))
    #expect(report.markdown.contains("The store: 2 MB, 1818 bytes a line."))
  }
}
