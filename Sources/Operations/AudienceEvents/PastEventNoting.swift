import Definitions
import Evaluation
import EventStore
import Foundation
import Membership
import SQLite
import Values

/// Notes which entries and exits of the past destinations are owed, a batch of profiles a transaction.
///
/// What is behind the last run is not looked at: the next run does that. A call that was ended takes up where
/// it stopped when it is made again.
struct PastEventNoting {
  /// One audience at one destination.
  struct Part: Hashable {
    let place: Int
    let key: String
  }

  private let store: Store
  private var connection: Connection { store.connection }
  private let project: Project
  private let threads: Int?
  private let isForReal: Bool
  private let last: RunLog.Run?
  private let targets: [PastTarget]
  private(set) var tallies: [Part: AudienceEventTally] = [:]

  init(
    _ store: Store, _ project: Project, _ targets: [PastTarget], threads: Int?, isForReal: Bool
  ) throws {
    self.store = store
    self.project = project
    self.targets = targets.filter { !$0.ranges.isEmpty }
    self.threads = threads
    self.isForReal = isForReal
    last = try RunLog(store.connection).last()
  }

  /// Notes everything. What was begun later goes first, up to where the other has come, and from there on
  /// both go together.
  mutating func note(_ progress: (Int, Int) -> Void) throws {
    guard let last, !targets.isEmpty else { return }
    try begin()
    let lastProfile = try FullScan.lastProfile(connection)
    let places = Set(targets.map(\.place)).sorted()
    for (number, place) in places.enumerated() {
      let pass = PastTarget.merged(targets.filter { $0.place <= place })
      let end = number + 1 < places.count ? places[number + 1] : lastProfile
      try note(pass, Self.batches(behind: place, upTo: end), since: last) { done in
        progress(done, Int(lastProfile))
      }
    }
    let all = PastTarget.merged(targets)
    try write("finish-events") {
      try advance(all, to: nil)
      try catchUp(refreshed(all), since: last)
    }
  }

  private func write(_ label: StaticString, _ body: () throws -> Void) throws {
    if isForReal { try connection.transaction(label, body) }
  }

  private func begin() throws {
    try write("begin-events") {
      for target in targets {
        try EventRanges(connection, destination: target.target.destination).begin(
          target.target.definition, past: target.begun, fingerprint: target.target.fingerprint)
      }
    }
  }

  // MARK: One pass over the profiles

  /// So many profiles are computed together at most, and at least.
  private static let batchSizes: ClosedRange<Int64> = 64...4096

  private mutating func note(
    _ pass: [PastTarget], _ batches: [ClosedRange<Int64>], since last: RunLog.Run,
    _ progress: (Int) -> Void
  ) throws {
    guard let end = pass.flatMap(\.ranges).map(\.upperBound).max() else { return }
    let definitions = project.definitions.places(neededFor: Set(pass.map(\.target.key)))
    let audiences = Set(pass.map(\.target.definitionPlace)).sorted()
    let names = try Histories.looking(
      connection, since: last.watermark, upTo: last.watermark
    ) { _, names in names }
    let task = BackfillTask(
      definitions: definitions.map { project.definitions[$0] },
      places: audiences.compactMap { definitions.firstIndex(of: $0) }, names: names,
      from: TransitionReader.beginning, to: Instant(milliseconds: end),
      watermark: last.watermark, linkedUpTo: last.watermark, path: store.path)
    var book = try PastEventBook(connection, try refreshed(pass), audiences, before: end)
    let suggested =
      (batches.last?.upperBound ?? 0) < 1000
      ? 1 : ProcessInfo.processInfo.usualThreads
    try task.compute(batches.map { .range($0) }, threads: threads ?? suggested) { letter in
      let batch = batches[letter.batch]
      if isForReal {
        let began = ContinuousClock.now
        try connection.transaction("note-events") {
          try book.take(letter.spells, PastEventBook.write)
          try advance(pass, to: batch.upperBound)
        }
        BackfillOperation.giveWay(behind: ContinuousClock.now - began)
      } else {
        try book.take(letter.spells) { _ in }
      }
      progress(Int(batch.upperBound))
    }
    for (part, tally) in book.tallies { tallies[part, default: AudienceEventTally()] += tally }
  }

  private static func batches(behind place: Int64, upTo last: Int64) -> [ClosedRange<Int64>] {
    guard last > place else { return [] }
    let size = min(max(last / 64, batchSizes.lowerBound), batchSizes.upperBound)
    return stride(from: place, to: last, by: Int(size)).map { start in
      (start + 1)...min(last, start + size)
    }
  }

  private func advance(_ pass: [PastTarget], to place: Int64?) throws {
    for target in pass {
      try EventRanges(connection, destination: target.target.destination).advance(
        target.target.definition, past: target.ranges, to: place)
    }
  }

  /// The same with the stretches as they are told now.
  private func refreshed(_ pass: [PastTarget]) throws -> [PastTarget] {
    try pass.map { part in
      var part = part
      let target = part.target
      part.target = AudienceEventTarget(
        place: target.place, destination: target.destination, definition: target.definition,
        definitionPlace: target.definitionPlace, key: target.key, fingerprint: target.fingerprint,
        stretches: try EventRanges(connection, destination: target.destination)
          .stretches(of: target.definition))
      return part
    }
  }

  /// What runs found out meanwhile about users whose past was noted without it.
  private func catchUp(_ pass: [PastTarget], since noted: RunLog.Run) throws {
    guard let newest = try RunLog(connection).last(), newest.id != noted.id else { return }
    let current = pass.map(\.target).filter { target in
      target.live?.run == newest.id && target.live?.fingerprint == target.fingerprint
    }
    let needed = project.definitions.places(neededFor: Set(current.map(\.key)))
    let histories = try Histories(
      connection, HistoryNames.load(connection), upTo: newest.watermark,
      includesAnonymous: needed.contains { project.definitions[$0].includesAnonymous })
    var noting = AudienceEventNoting(
      connection, project.definitions, current, through: newest.at)
    try noting.note(histories.profiles(changedSince: noted.watermark), histories)
  }
}

extension AudienceEventTally {
  static func += (tally: inout AudienceEventTally, more: AudienceEventTally) {
    tally.entered += more.entered
    tally.exited += more.exited
    tally.withdrawn += more.withdrawn
    tally.corrections += more.corrections
  }
}
