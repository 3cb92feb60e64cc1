import Values

extension Benchmark {
  /// Measures one case, beginning with what the cases before it left.
  func measure(_ each: Case) throws {
    switch each.work {
    case .ingest, .firstRun: break  // The preparation has done them.
    case .fullRun(let definitions):
      try measureFullRuns(each, definitions)
      // Later cases make other digests.
      if definitions == 20 { try measureShares() }
    case .tick(let changed): try measureTicks(each, changed)
    case .quietHour: try measureQuietHours(each)
    case .definitionAdded: try measureAddedDefinitions(each)
    case .export: try measureExports(each)
    case .batches(let count): try measureBatches(each, count)
    case .scale(let changed): try measureScale(each, changed)
    case .weeks: try compareWeeks(each)
    case .deliver: try measureDelivery(each)
    case .backfill: try measureBackfills(each)
    case .longProfile(let events): try measureLongProfile(each, events)
    }
  }

  private static let hour = Values.Duration(milliseconds: 3_600_000)

  func own(_ each: Case) -> Measurement { Measurement(each.name, engine: "rollcall") }

  func add(_ run: (document: Value, outcome: ChildOutcome), to own: inout Measurement) {
    own.add(run.outcome, amount: run.document.evaluated, timings: run.document["timings"])
  }

  // MARK: Runs over everybody

  private func measureFullRuns(_ each: Case, _ definitions: Int) throws {
    try stage.define(definitions, of: set)
    _ = try stage.run(full: true)
    var own = own(each)
    var others = peers.measurements(each)
    try peers.recompute(each, stage)
    for _ in 0..<options.repeats {
      stage.wait(Self.hour)
      add(try stage.run(full: true), to: &own)
      others.add(try peers.recompute(each, stage))
    }
    report.add(own)
    report.add(others)
    try peers.compare(each, stage, report: &report)
  }

  // MARK: Ticks

  /// Each repetition is two ticks where peers take part: one that they do for everybody, and one
  /// for the users that they are told.
  private func measureTicks(_ each: Case, _ changed: Int) throws {
    guard changed <= dataset.population.users else {
      return say("  left out: there are only \(dataset.population.users) users")
    }
    var own = own(each)
    var others = peers.measurements(each)
    var told = peers.measurements(each, told: true)
    for turn in 0...options.repeats {
      try tick(each, changed, told: false, &own, &others, counts: turn > 0)
      guard !told.isEmpty else { continue }
      try tick(each, changed, told: true, &own, &told, counts: turn > 0)
    }
    report.add(own)
    report.add(others)
    report.add(told)
  }

  private func tick(
    _ each: Case, _ changed: Int, told: Bool, _ own: inout Measurement,
    _ others: inout [Measurement], counts: Bool
  ) throws {
    let change = try stage.change(changed)
    let run = try stage.run(full: false)
    if counts { add(run, to: &own) }
    if changed > 0 { try peers.append(change.file, firstLine: change.firstLine) }
    try remove(change.file)
    let seconds = try peers.recompute(each, stage, told: told)
    if counts { others.add(seconds) }
  }

  private func measureQuietHours(_ each: Case) throws {
    var own = own(each)
    for _ in 0..<options.repeats {
      stage.wait(Self.hour)
      add(try stage.run(full: false), to: &own)
    }
    report.add(own)
    try peers.recompute(each, stage)
    try peers.compare(each, stage, report: &report)
  }

  private func measureAddedDefinitions(_ each: Case) throws {
    var own = own(each)
    for _ in 0..<options.repeats {
      stage.wait(Values.Duration(milliseconds: 1000))
      try stage.define(stage.definitions + 1, of: set)
      add(try stage.run(full: false), to: &own)
    }
    report.add(own)
  }

  // MARK: The rest

  private func measureExports(_ each: Case) throws {
    let sizes = try stage.binary.call("status").document["definitions"].elements
    let largest = sizes.max { ($0["members"].numeric ?? 0) < ($1["members"].numeric ?? 0) }
    guard case .string(let key) = largest?["key"] else { return }
    var own = own(each)
    for _ in 0..<options.repeats {
      let file = dataset.folder + "/export.csv"
      let outcome = try stage.binary.export(key, to: file)
      own.add(outcome, amount: largest?["members"].numeric.map { Int($0) })
      try remove(file)
    }
    report.add(own)
  }

  /// The calls arrive as they happened: nine tenths at once, the rest in batches with a tick each.
  private func measureBatches(_ each: Case, _ count: Int) throws {
    let stage = Stage("batches", dataset: dataset, program: program)
    defer { stage.remove() }
    try stage.define(20, of: set)
    let lines = dataset.population.lines
    let first = lines * 9 / 10
    let count = min(count, (lines - first) / 10)
    let file = dataset.folder + "/batch.ndjson"
    func arrived(_ lines: Int) -> Instant {
      Instant(milliseconds: dataset.population.arrival(lines))
    }
    try dataset.write(0..<first, to: file)
    var own = own(each)
    own.notePeak(try stage.ingest(file, lines: first))
    own.notePeak(try stage.run(full: false, at: arrived(first)).outcome)
    var seconds = 0.0
    for batch in 0..<count {
      let part = first + (lines - first) * batch / count
      let next = first + (lines - first) * (batch + 1) / count
      try dataset.write(part..<next, to: file)
      let ingest = try stage.ingest(file, lines: next - part)
      let run = try stage.run(full: false, at: arrived(next)).outcome
      seconds += ingest.wall.seconds + run.wall.seconds
      own.notePeak(ingest)
      own.notePeak(run)
    }
    try remove(file)
    own.add(seconds)
    own.setAmount(lines - first)
    report.add(own)
  }

  /// Ticks in turn over three stores, so that what disturbs the machine disturbs all of them. They are short,
  /// and what decides is how they compare: there are three for each repetition.
  private func measureScale(_ each: Case, _ changed: Int) throws {
    let smallest = dataset.population.scaled(by: 0.1)
    guard smallest.isLargeEnough, smallest.users >= changed else {
      return say("  left out: a tenth of the data set is too small")
    }
    var stages = [(factor: 1.0, stage: stage)]
    defer { for part in stages.dropFirst() { part.stage.remove() } }
    for factor in [0.3, 0.1] {
      let part = Dataset(population: dataset.population.scaled(by: factor), folder: options.work)
      try generate(part)
      let stage = Stage("scale-\(part.population.name)", dataset: part, program: program)
      stages.append((factor, stage))
      try stage.define(self.stage.definitions, of: set)
      _ = try stage.ingest(part.events, lines: part.population.lines)
      _ = try stage.run(full: false)
    }
    var all = stages.map { Measurement("\(each.name)-\($0.factor)", engine: "rollcall") }
    for turn in 0...3 * options.repeats {
      for (place, part) in stages.enumerated() {
        let change = try part.stage.change(changed)
        let run = try part.stage.run(full: false)
        if turn > 0 { add(run, to: &all[place]) }
        if part.stage === stage {
          try peers.append(change.file, firstLine: change.firstLine)
        }
        try remove(change.file)
      }
    }
    report.add(all)
  }
}

extension Value {
  /// How many users a run evaluated.
  var evaluated: Int? { self["evaluated"].numeric.map { Int($0) } }

  /// The elements of an array.
  var elements: [Value] {
    if case .array(let elements) = self { return elements }
    return []
  }
}
