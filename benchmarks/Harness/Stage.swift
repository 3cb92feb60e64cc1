import Foundation
import Values

/// One store on its way through the cases: what is in it, and at which instant it was run last.
final class Stage {
  let dataset: Dataset
  let binary: RollcallBinary
  private(set) var now = Population.end
  /// How many events were added after the data set.
  private(set) var changes = 0
  private(set) var definitions = 0

  /// - Parameter name: of the store and the definitions folder in the working folder.
  init(_ name: String, dataset: Dataset, program: String) {
    self.dataset = dataset
    binary = RollcallBinary(
      path: program, store: dataset.folder + "/\(name).sqlite",
      audiences: dataset.folder + "/\(name)-audiences")
    remove()
  }

  /// Removes the store and what lies beside it, and begins anew.
  func remove() {
    let folder = URL(fileURLWithPath: dataset.folder)
    let name = URL(fileURLWithPath: binary.store).lastPathComponent
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for file in files where file.hasPrefix(name) {
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(file))
    }
    try? FileManager.default.removeItem(atPath: binary.audiences)
    definitions = 0
    changes = 0
    now = Population.end
  }

  /// Begins with a copy of another stage's store, and with its instant.
  func copyStore(of other: Stage) throws {
    try FileManager.default.copyItem(atPath: other.binary.store, toPath: binary.store)
    (now, changes) = (other.now, other.changes)
  }

  /// Puts the first definitions of a set into the folder.
  func define(_ count: Int, of set: DefinitionSet) throws {
    try set.writeDefinitions(count, to: binary.audiences)
    definitions = count
  }

  /// Puts a file into the definitions folder.
  func write(_ name: String, _ text: String) throws {
    try FileManager.default.createDirectory(
      atPath: binary.audiences, withIntermediateDirectories: true)
    try text.write(toFile: binary.audiences + "/" + name)
  }

  /// Takes the file in, and expects that every line of it is new.
  func ingest(_ file: String, lines: Int) throws -> ChildOutcome {
    let (document, outcome) = try binary.call("ingest", file)
    guard document["accepted"] == .number(Double(lines)) else {
      throw StageError.notAccepted(file, lines)
    }
    return outcome
  }

  /// Adds an event each of so many users, all in the second before a new instant.
  ///
  /// - Returns: the file with the events, and the number of lines before it.
  func change(_ count: Int) throws -> (file: String, firstLine: Int) {
    let file = dataset.folder + "/\(dataset.population.name)-changes-\(changes).ndjson"
    let firstLine = dataset.population.lines + changes
    now = now + Values.Duration(milliseconds: 1000)
    try dataset.writeChanges(count, first: changes, before: now, to: file)
    changes += count
    if count > 0 { _ = try ingest(file, lines: count) }
    return (file, firstLine)
  }

  /// Has the addresses of so many users, always the same, gone or back a second later, and runs.
  func readdress(_ count: Int, areGone: Bool) throws {
    let file = dataset.folder + "/\(dataset.population.name)-addresses.ndjson"
    now = now + Values.Duration(milliseconds: 1000)
    try dataset.writeAddresses(count, areGone: areGone, first: changes, at: now, to: file)
    changes += count
    _ = try ingest(file, lines: count)
    _ = try run(full: false)
    try FileManager.default.removeItem(atPath: file)
  }

  func wait(_ time: Values.Duration) { now = now + time }

  /// Runs at the stage's instant.
  func run(full: Bool, at instant: Instant? = nil) throws -> (
    document: Value, outcome: ChildOutcome
  ) {
    let at = (instant ?? now).description
    return full
      ? try binary.call("run", "--full", "--no-send", "--at", at)
      : try binary.call("run", "--no-send", "--at", at)
  }

  /// The size of the store's file in bytes.
  var size: Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: binary.store)
    return attributes?[.size] as? Int ?? 0
  }
}

enum StageError: Error, CustomStringConvertible {
  case notAccepted(String, Int)

  var description: String {
    switch self {
    case .notAccepted(let file, let lines): "not all \(lines) lines of '\(file)' were accepted"
    }
  }
}
