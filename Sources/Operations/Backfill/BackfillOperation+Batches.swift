import Foundation
import Membership
import SQLite
import Values

extension BackfillOperation {
  /// So many profiles are computed together at most, and at least.
  private static let batchSizes: ClosedRange<Int64> = 64...4096

  private func batches(behind place: Int64) -> [SpellTable.Profiles] {
    if let profiles {
      let rest = profiles.filter { $0 > place }
      return stride(from: 0, to: rest.count, by: 1024).map { start in
        .list(Array(rest[start..<min(rest.count, start + 1024)]))
      }
    }
    guard lastProfile > place else { return [] }
    // Where each view has to copy the links first, there are few views.
    let size = max(
      min(max(lastProfile / 64, Self.batchSizes.lowerBound), Self.batchSizes.upperBound),
      min(linksToCopy / 8, 50_000))
    return stride(from: place, to: lastProfile, by: Int(size)).map { start in
      .range((start + 1)...min(lastProfile, start + size))
    }
  }

  mutating func compute(_ progress: (Int, Int) -> Void) throws {
    guard var entry, let task else { return }
    let batches = batches(behind: entry.place)
    let table = try SpellTable(connection, range)
    let targets = try targets(entry)
    let all = profiles?.count ?? Int(lastProfile)
    var done = profiles.map { $0.count { $0 <= entry.place } } ?? Int(entry.place)
    let suggested =
      lastProfile < 1000 ? 1 : ProcessInfo.processInfo.usualThreads
    try task.compute(batches, threads: options.threads ?? suggested) { letter in
      let batch = batches[letter.batch]
      let began = ContinuousClock.now
      try connection.transaction("backfill") {
        for (target, spells) in zip(targets, letter.spells) {
          entry.changes += try table.replace(target, batch, with: spells)
          entry.spells += spells.count
        }
        entry.profiles += letter.profiles
        entry.place = batch.last
        try BackfillLog(connection).advance(entry)
      }
      done += batch.count
      progress(done, all)
      Self.giveWay(behind: ContinuousClock.now - began)
    }
    try connection.transaction("finish-backfill") {
      if let pending, entry.changedSince != nil {
        try SpellLinks(connection).store(pending.difference, watermark: entry.watermark)
      }
      try BackfillLog(connection).finish(entry)
    }
    self.entry = entry
  }

  /// Waits an eighth as long as a transaction took, for those who wait to write.
  static func giveWay(behind took: Swift.Duration) {
    Thread.sleep(forTimeInterval: max(0.005, Double(Duration(took).milliseconds) / 8000))
  }

  private func targets(_ entry: BackfillLog.Entry) throws -> [SpellTable.Target] {
    let ranges = SpellRanges(connection)
    return try entry.parts.map { part in
      let known = try ranges.covered(part.definition).map { $0.range.clamped(to: range) }
      return SpellTable.Target(
        definition: part.definition, known: known.filter { !$0.isEmpty }, isAnew: part.isAnew)
    }
  }

  // MARK: The end

  func report(took: Duration) throws -> BackfillReport {
    guard let entry else { throw SQLiteError.damaged("backfills") }
    var spells = entry.spells
    if entry.changedSince != nil {
      spells = try entry.parts.reduce(0) { sum, part in
        sum
          + (try connection.prepare(
            "SELECT count(*) FROM spells WHERE definition = ? AND since < ? AND until > ?"
          ).first(
            .init(part.definition), .init(range.upperBound), .init(range.lowerBound)
          ) { Int($0.int(0)) } ?? 0)
      }
    }
    return BackfillReport(
      from: options.from, to: options.to,
      parts: chosen.map { BackfillReport.Part(key: $0.definition.key, kind: $0.definition.kind) },
      method: entry.changedSince == nil ? .everybody : .changed, isResumed: isResumed,
      profiles: entry.profiles, spells: spells, changes: entry.changes, took: took)
  }
}

extension SpellTable.Profiles {
  fileprivate var last: Int64 {
    switch self {
    case .range(let range): range.upperBound
    case .list(let list): list.last ?? 0
    }
  }

  fileprivate var count: Int {
    switch self {
    case .range(let range): range.count
    case .list(let list): list.count
    }
  }
}
