import SQLite
import Values

extension Benchmark {
  /// The exact past over all days, into a store without one, and a full run at one instant, in turn.
  func measureBackfills(_ each: Case) throws {
    let stage = Stage("backfill", dataset: dataset, program: program)
    defer { stage.remove() }
    try stage.copyStore(of: self.stage)
    try stage.define(20, of: set)
    stage.wait(Values.Duration(milliseconds: 1000))
    _ = try stage.run(full: true)
    var own = own(each)
    var full = Measurement("\(each.name)-full-run", engine: "rollcall")
    var last = Value.absent
    for turn in 0...options.repeats {
      stage.wait(Values.Duration(milliseconds: 1000))
      let run = try stage.run(full: true)
      let backfill = try stage.backfill()
      guard turn > 0 else { continue }
      add(run, to: &full)
      own.add(backfill.outcome, amount: backfill.document["spells"].numeric.map { Int($0) })
      last = backfill.document
    }
    report.add([own, full])
    let spells = last["spells"].numeric ?? 0
    report.agreements.append(
      "\(each.name): \(grouped(Int(last["profiles"].numeric ?? 0))) profiles, \(grouped(Int(spells))) "
        + "spells of 20 definitions over \(Population.days) days, "
        + "\(grouped(Int(spells / max(own.median, 0.001)))) a second; "
        + "\(decimal(own.median / max(full.median, 0.001), 1)) times a full run")
  }

  /// One user with many events, alone in a store.
  func measureLongProfile(_ each: Case, _ events: Int) throws {
    let stage = Stage("long-profile", dataset: dataset, program: program)
    defer { stage.remove() }
    try stage.define(20, of: set)
    let file = dataset.folder + "/long-profile.ndjson"
    try dataset.writeHistory(events, of: 0, to: file)
    _ = try stage.ingest(file, lines: events)
    try remove(file)
    var own = own(each)
    for turn in 0...options.repeats {
      let backfill = try stage.backfill()
      guard turn > 0 else { continue }
      own.add(backfill.outcome, amount: backfill.document["spells"].numeric.map { Int($0) })
    }
    report.add(own)
  }
}

extension Stage {
  /// Computes the past of all days, of which nothing is stored before.
  func backfill() throws -> (document: Value, outcome: ChildOutcome) {
    let connection = try Connection(path: binary.store, mode: .readWrite)
    try connection.execute("DELETE FROM spells; DELETE FROM spell_ranges")
    return try binary.call(
      "backfill", "--from", Population.start.description, "--to", Population.end.description,
      "--at", max(now, Population.end).description)
  }
}
