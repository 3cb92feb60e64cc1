import Values

extension Benchmark {
  /// The largest number of users for whom every hour is also a full run.
  private static let usersOfWeeks = 50_000

  /// Two weeks of hourly ticks, the first one with the events of its hours and the second one without,
  /// beside a second store that is run in full at the same instants. Whoever enters or leaves does it
  /// in the same hour in both. Counts how many users a tick of the quiet week evaluates for each change.
  func compareWeeks(_ each: Case) throws {
    let factor = min(1, Double(Self.usersOfWeeks) / Double(dataset.population.users))
    let part = Dataset(population: dataset.population.scaled(by: factor), folder: options.work)
    guard part.population.isLargeEnough else { return say("  left out: the data set is too small") }
    let ticked = Stage("weeks-ticked", dataset: part, program: program)
    let full = Stage("weeks-full", dataset: part, program: program)
    defer {
      ticked.remove()
      full.remove()
    }
    let hours = options.hours
    let end = Population.end.milliseconds
    let lines = part.population.lines
    func firstLine(at instant: Int64) -> Int {
      var (low, high) = (0, lines)
      while low < high {
        let middle = (low + high) / 2
        if part.population.arrival(middle) >= instant { high = middle } else { low = middle + 1 }
      }
      return low
    }
    func take(_ range: Range<Int>) throws {
      guard !range.isEmpty else { return }
      let file = dataset.folder + "/hour.ndjson"
      try part.write(range, to: file)
      for stage in [ticked, full] { _ = try stage.ingest(file, lines: range.count) }
      try remove(file)
    }
    for stage in [ticked, full] { try stage.define(20, of: set) }
    var own = own(each)
    var week = Week()
    var place = firstLine(at: end - Int64(hours) * 3_600_000)
    try take(0..<place)
    for hour in 0...(2 * hours) {
      let now = end + Int64(hour - hours) * 3_600_000
      let next = firstLine(at: now)
      try take(place..<next)
      place = next
      let instant = Instant(milliseconds: now)
      let tick = try ticked.run(full: false, at: instant)
      let whole = try full.run(full: true, at: instant)
      guard tick.document["definitions"].tallies == whole.document["definitions"].tallies else {
        throw WeekError.differs(hour)
      }
      guard hour > 0 else { continue }
      add(tick, to: &own)
      week.add(tick.document, isQuiet: hour > hours)
    }
    report.add(own)
    report.agreements.append(
      "\(each.name): \(grouped(part.population.users)) users, \(2 * hours) hourly ticks: as many entered "
        + "and left each of the 20 in each hour as in full runs; in the week without events "
        + "\(grouped(week.evaluated)) users were evaluated for \(grouped(week.changes)) changes")
  }
}

/// What the ticks of the quiet week came to.
private struct Week {
  var evaluated = 0
  var changes = 0

  mutating func add(_ run: Value, isQuiet: Bool) {
    guard isQuiet else { return }
    evaluated += run.evaluated ?? 0
    for key in ["entered", "left", "changed"] { changes += run[key].numeric.map { Int($0) } ?? 0 }
  }
}

private enum WeekError: Error, CustomStringConvertible {
  case differs(Int)

  var description: String {
    switch self {
    case .differs(let hour): "the tick of hour \(hour) came to something else than a full run"
    }
  }
}

extension Value {
  /// Who entered, left and is in, of each definition of a run.
  fileprivate var tallies: [[Value]] {
    elements.map { [$0["key"], $0["enter"], $0["leave"], $0["members"]] }
  }
}
