/// What a scan needs to write digests, and to read them.
struct DigestTables: ~Copyable {
  /// The series of each stream's events.
  let seriesOfStream: FixedTable<Int>
  /// Whether each series is asked for nothing but numbers.
  let isNumeric: FixedTable<Bool>
  let tests: FixedTable<DigestSeries.TraitTest>
  let paths: FixedTable<DigestSeries.TraitPath>
  /// What each of these tests comes to without traits.
  let testsByDefault: FixedTable<Bool>
  /// The streams whose events are asked what comes behind them, and those that leave profiles with events still
  /// to come to their histories.
  let relatedStreams: FixedTable<Int>
  let forbiddingStreams: FixedTable<Int>
  /// Whether it is noted where the hits of each event begin.
  var marksEvents = false
  var events = ScratchList<Int32>()

  init(
    _ series: DigestSeries, _ streams: [ScanEvaluator.StreamEntry], _ scan: ScanProgram
  ) {
    seriesOfStream = FixedTable(series.ofStream)
    isNumeric = FixedTable(series.isNumeric)
    tests = FixedTable(series.tests)
    paths = FixedTable(series.paths)
    testsByDefault = FixedTable(
      series.tests.map { test in
        guard case .trait(_, let test) = scan.nodes[test.node] else { return false }
        return scan.program.holds(scan.tests[test].condition, for: .absent)
      })
    relatedStreams = FixedTable(streams.indices.filter { streams[$0].related >= 0 })
    forbiddingStreams = FixedTable(streams.indices.filter { streams[$0].forbidsComing })
  }
}
