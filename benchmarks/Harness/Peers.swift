import Foundation
import Values

/// The peers of a run: each does in turn what the case asks of it.
final class Peers {
  private let workers: [PeerWorker]
  private let set: DefinitionSet
  private let calls: String
  private let sql: String
  private let exports: String
  private(set) var versions: [String] = []

  init(_ options: Options, set: DefinitionSet, calls: String) throws {
    self.set = set
    self.calls = calls
    sql = options.work + "/sql"
    exports = options.work + "/exports"
    guard !options.peers.isEmpty else {
      workers = []
      return
    }
    try set.writeSQL(to: sql)
    let scripts = options.source + "/peers"
    let environment = options.work + "/venv"
    let install = try Child.run([scripts + "/install", environment])
    guard install.exitCode == 0 else { throw PeerError.notInstalled(install.errors) }
    workers = try options.peers.map {
      try PeerWorker(
        $0, python: environment + "/bin/python", scripts: scripts,
        folder: options.work + "/peers", threads: options.threads)
    }
  }

  /// Loads the calls into each, and has it find the members once.
  func load(report: inout Report) throws {
    for worker in workers {
      if case .string(let version) = try worker.ask("version")["version"] {
        versions.append(version)
      }
      let answer = try worker.ask("load", [.init("calls", .string(calls))])
      var load = Measurement("load", engine: worker.name.rawValue)
      load.add(answer["seconds"].numeric ?? 0)
      report.add(load)
    }
  }

  /// One empty measurement for each peer that takes part in a case.
  func measurements(_ each: Case, told: Bool = false) -> [Measurement] {
    part(each, told).map {
      Measurement(each.name, engine: told ? $0.name.rawValue + " told" : $0.name.rawValue)
    }
  }

  /// Adds the events of a file to the peers that go on after the first full run, and tells them
  /// whose they are.
  func append(_ file: String, firstLine: Int) throws {
    for worker in workers where worker.name != .sqlite {
      try worker.ask(
        "append",
        [.init("calls", .string(file)), .init("first_line", .number(Double(firstLine)))])
    }
  }

  /// Has each peer of a case compute the members anew, and store what is different.
  ///
  /// - Returns: the seconds of each.
  @discardableResult
  func recompute(_ each: Case, _ stage: Stage, told: Bool = false) throws -> [Double] {
    try part(each, told).map { worker in
      try worker.ask(told ? "told" : "recompute", order(stage))["seconds"].numeric ?? 0
    }
  }

  private func part(_ each: Case, _ told: Bool) -> [PeerWorker] {
    workers.filter { (told ? each.told : each.peers).contains($0.name) }
  }

  private func order(_ stage: Stage) -> [Value.Member] {
    [
      .init("definitions", .array(set.keys.prefix(stage.definitions).map { .string($0) })),
      .init("sql", .string(sql)), .init("exports", .string(exports)),
      .init("now", .number(Double(stage.now.milliseconds))),
    ]
  }

  // MARK: The same members

  /// Writes the members of every audience and has each peer hold its own against them.
  ///
  /// - Throws: `PeerError.otherMembers`, with numbers only.
  func compare(_ each: Case, _ stage: Stage, report: inout Report) throws {
    let taking = part(each, false)
    guard !taking.isEmpty else { return }
    try FileManager.default.createDirectory(atPath: exports, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: exports) }
    try MemberFiles.write(stage.binary.store, to: exports)
    var lines: [String] = []
    for worker in taking {
      let answer = try worker.ask("compare", order(stage))
      lines += answer["differing"].elements.map { "\(worker.name.rawValue) \($0.json)" }
      report.notePeak(of: worker.name.rawValue, answer["peak"].numeric ?? 0)
    }
    guard lines.isEmpty else { throw PeerError.otherMembers(lines) }
    report.agreements.append(
      "\(each.name): \(taking.map(\.name.rawValue).joined(separator: ", "))"
        + " and rollcall find the same members of all \(stage.definitions)")
  }
}

extension [Measurement] {
  /// Adds one repetition of each.
  mutating func add(_ seconds: [Double]) {
    for (place, seconds) in seconds.enumerated() { self[place].add(seconds) }
  }
}

/// Removes a file that was made for one measurement.
func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: file) }
