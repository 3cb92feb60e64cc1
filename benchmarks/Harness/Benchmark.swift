import Foundation
import Values

/// A whole run: the data, the stores, the peers, and what was measured so far.
final class Benchmark {
  let options: Options
  let program: String
  let dataset: Dataset
  let set: DefinitionSet
  let stage: Stage
  let peers: Peers
  var report: Report

  /// - Parameter program: the release binary.
  init(_ options: Options, program: String) throws {
    self.options = options
    self.program = program
    try FileManager.default.createDirectory(
      atPath: options.work, withIntermediateDirectories: true)
    dataset = Dataset(population: options.population, folder: options.work)
    set = try DefinitionSet(source: options.source, count: 200, seed: options.seed)
    stage = Stage("main", dataset: dataset, program: program)
    peers = try Peers(options, set: set, calls: dataset.events)
    report = Report(population: options.population)
  }

  func run() throws {
    try generate(dataset)
    try prepare()
    for each in options.chosen {
      say(each.name)
      try measure(each)
      try write()
    }
    try finish()
  }

  /// Says on standard error what is done now.
  func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Generates in another process, so that this one stays small: see `Child`.
  func generate(_ dataset: Dataset) throws {
    let population = dataset.population
    say("generate \(population.name)")
    let outcome = try Child.run([
      CommandLine.arguments[0], "generate", "--events", String(population.events),
      "--users", String(population.users), "--seed", String(population.seed),
      "--work", dataset.folder,
    ])
    guard outcome.exitCode == 0 else {
      throw BinaryError(verb: "generate", code: outcome.exitCode, errors: outcome.errors)
    }
  }

  // MARK: The store with which the cases begin

  private func prepare() throws {
    let names = Set(options.chosen.map(\.name))
    let needed = names.subtracting(["ingest", "first-run", "batches", "deliver"])
    let isRepeated = names.contains("ingest") || names.contains("first-run")
    guard isRepeated || !needed.isEmpty else { return }
    var ingest = Measurement("ingest", engine: "rollcall")
    var first = Measurement("first-run", engine: "rollcall")
    for turn in 0..<(isRepeated ? options.repeats : 1) {
      say("ingest and first run, \(turn + 1)")
      try begin(stage, &ingest, &first)
    }
    if names.contains("ingest") { report.add(ingest) }
    if names.contains("first-run") { report.add(first) }
    if !needed.isEmpty { try peers.load(report: &report) }
  }

  /// Fills a stage from its data set with nothing there before, and runs it once.
  func begin(_ stage: Stage, _ ingest: inout Measurement, _ first: inout Measurement) throws {
    stage.remove()
    try stage.define(20, of: set)
    let lines = stage.dataset.population.lines
    ingest.add(try stage.ingest(stage.dataset.events, lines: lines), amount: lines)
    add(try stage.run(full: false), to: &first)
  }

  private func finish() throws {
    report.storeBytes = stage.size
    report.storedEvents = dataset.population.lines + stage.changes
    try write()
    print(report.markdown)
    if !options.keeps { stage.remove() }
  }

  /// Writes what is known so far: a long run that is ended keeps the cases before.
  private func write() throws {
    report.peers = peers.versions
    let folder = options.out ?? options.work
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try report.document.json.write(toFile: folder + "/results.json")
    try report.markdown.write(toFile: folder + "/results.md")
  }

  /// Asks how large the tables are and how fast memory is.
  func measureShares() throws {
    let bandwidth = try Child.run([CommandLine.arguments[0], "bandwidth"])
    report.bandwidth = Double(bandwidth.output.trimmingCharacters(in: .whitespacesAndNewlines))
    let sizes = try Child.run([
      "/usr/bin/env", "python3", options.source + "/peers/sizes.py", stage.binary.store,
    ])
    guard sizes.exitCode == 0 else { return say("the tables' sizes are unknown: \(sizes.errors)") }
    report.tables = try Value(json: sizes.output)
  }
}
