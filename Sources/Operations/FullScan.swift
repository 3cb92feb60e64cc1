import EventStore
import Foundation
import Membership
import SQLite
import Synchronization

/// Evaluates definitions about users for everybody, in the order of the file, on several threads.
///
/// Each thread reads with a connection of its own what is committed; those whom the run's own
/// transaction has changed are left out. Where a profile stands (`Standing`) is read beside its
/// history, and only those who now stand elsewhere are handed over.
struct FullScan: Sendable {
  /// Stores below this size are scanned by one thread.
  private static let smallestForThreads: Int64 = 5000
  /// What each thread keeps of the store in memory, in KiB.
  private static let cacheSize = 512

  let task: ScanTask

  init(_ task: ScanTask) { self.task = task }

  /// Scans the store.
  ///
  /// - Parameters:
  ///   - connection: the run's own.
  ///   - threads: how many; nil for as many as the machine and the size of the store suggest.
  ///   - each: called on this thread.
  func scan(
    _ connection: Connection, path: String, threads: Int?, _ each: (ScanLetter) throws -> Void
  ) throws {
    let last = try Self.lastProfile(connection)
    let threads = Self.threads(last, threads)
    guard threads > 1 else {
      // What is found is applied behind the last step: applying writes to what is read here.
      var letters: [ScanLetter] = []
      let scan = ScanOfRange(task) { letter in
        letters.append(letter)
        return true
      }
      _ = try scan.run(1...max(1, last), connection)
      return try letters.forEach(each)
    }
    let ranges = Mutex(ranges(last, parts: threads * 8))
    let mailbox = Mailbox<ScanLetter>(senders: threads, capacity: threads * 4)
    mailbox.start { [self] in
      let connection = try Connection(path: path, mode: .readOnly, cacheSize: Self.cacheSize)
      let scan = ScanOfRange(task, mailbox.send)
      try connection.snapshot {
        while let range = ranges.withLock({ $0.popLast() }) {
          guard try scan.run(range, connection) else { break }
        }
      }
    }
    try mailbox.read(each)
  }

  private static func threads(_ last: Int64, _ asked: Int?) -> Int {
    if let asked { return asked }
    return last < smallestForThreads ? 1 : ProcessInfo.processInfo.usualThreads
  }

  /// Whether what a scan finds is handed over as it comes, or is little.
  static func isBounded(_ last: Int64, _ asked: Int?) -> Bool {
    threads(last, asked) > 1 || last < smallestForThreads
  }

  /// All profiles in some ranges; each ends where a block of digests ends, where these are read.
  private func ranges(_ last: Int64, parts: Int) -> [ClosedRange<Int64>] {
    guard case .read(let digests, _) = task.digests, !digests.blocks.isEmpty else {
      let size = last / Int64(parts) + 1
      return (0..<Int64(parts)).map { ($0 * size + 1)...(($0 + 1) * size) }
    }
    let blocks = digests.blocks
    var ends = (1..<parts).map { blocks[blocks.count * $0 / parts] }
    ends.append(max(last, blocks[blocks.count - 1]))
    var ranges: [ClosedRange<Int64>] = []
    var start: Int64 = 1
    for end in ends where end >= start {
      ranges.append(start...end)
      start = end + 1
    }
    return ranges
  }

  /// The largest number of a profile that has a history or a standing.
  static func lastProfile(_ connection: Connection) throws -> Int64 {
    let last = try connection.prepare("SELECT max(identity) FROM histories").first { $0.int(0) }
    return max(last ?? 0, try Standings.lastProfile(connection))
  }
}
