/// Writing digests.
extension ScanEvaluator {
  /// Evaluates a profile by its history, and adds what the definitions ask of it to a digest.
  public mutating func evaluate(
    _ history: Span<UInt8>, digesting identity: Int64, into writer: inout DigestWriter
  ) {
    digest.marksEvents = true
    evaluate(history)
    digest.marksEvents = false
    guard !history.isEmpty else { return }
    var needsHistory =
      lastPass.ofUser > now || lastPass.asksOthers || (others.asksTraits && !traitCalls.isEmpty)
    if !needsHistory { needsHistory = !writeTraits(history, &writer) }
    if !needsHistory { writeEvents(history, &writer) }
    writer.end(identity, needsHistory: needsHistory)
  }

  /// Adds what custom traits come to. False where that is not for good.
  private mutating func writeTraits(_ bytes: Span<UInt8>, _ writer: inout DigestWriter) -> Bool {
    if traitCalls.isEmpty { return true }
    for number in 0..<digest.tests.count {
      let test = digest.tests[number]
      let outcome = truth(test.node, bytes)
      if outcome.until != .max { return false }
      if outcome.value != digest.testsByDefault[number] { writer.add(test.series, 0, -1, bytes) }
    }
    for number in 0..<digest.paths.count {
      let path = digest.paths[number]
      let (cell, until) = traitCell(path.path, bytes)
      if until != .max { return false }
      if cell >= 0 { writer.add(path.series, 0, cell, bytes) }
    }
    return true
  }

  private mutating func writeEvents(_ bytes: Span<UInt8>, _ writer: inout DigestWriter) {
    for number in 0..<digest.events.count {
      let start = Int(digest.events[number])
      let end = number + 1 < digest.events.count ? Int(digest.events[number + 1]) : found.count
      let first = writer.count
      for place in start..<end { write(found[place], ofEventFrom: first, bytes, &writer) }
    }
  }

  /// Adds a hit to its series, or its value to the event that is there already.
  private mutating func write(
    _ hit: Hit, ofEventFrom first: Int, _ bytes: Span<UInt8>, _ writer: inout DigestWriter
  ) {
    let series = digest.seriesOfStream[Int(hit.stream)]
    for entry in first..<writer.count where writer.series(ofEntry: entry) == series {
      return writer.give(Int(hit.cell), toEntry: entry, bytes)
    }
    writer.add(series, hit.time, Int(hit.cell), bytes, isNumeric: digest.isNumeric[series])
  }
}
