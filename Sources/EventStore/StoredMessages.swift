import SQLite
import Values

/// Tells which calls of a batch are new: their message id is neither stored nor in an earlier line.
struct StoredMessages {
  /// What a call is to the calls before it.
  enum Verdict: Sendable {
    case new
    case same
    /// The message id is known, for a call that says something else.
    case conflict
  }

  private let body: Statement

  init(_ connection: Connection) throws {
    body = try connection.prepareFresh("SELECT body FROM events WHERE seq = ?1")
  }

  /// A verdict for each entry of a closed batch.
  ///
  /// - Parameter matches: the stored calls with an entry's hash. Their lines are read in the order
  ///   of the batch: what comes a second time mostly comes in the order of the first.
  func verdicts(_ batch: Batch, _ matches: [MessageIndex.Match]) throws -> [Verdict] {
    var verdicts = [Verdict](repeating: .new, count: batch.entries.count)
    for match in matches.sorted(by: { ($0.entry, $0.seq) < ($1.entry, $1.seq) })
    where verdicts[match.entry] == .new {
      let line = batch.bytes.span.extracting(batch.entries[match.entry].line)
      verdicts[match.entry] =
        try body.withBlob(ofRow: match.seq) { Self.compare($0, with: line) } ?? .new
    }
    if !batch.sharedHashes.isEmpty { compareLines(of: batch, &verdicts) }
    return verdicts
  }

  /// Compares the new entries that have a hash in common.
  private func compareLines(of batch: Batch, _ verdicts: inout [Verdict]) {
    var taken: [UInt64: [Int]] = [:]
    let bytes = batch.bytes.span
    for (number, entry) in batch.entries.enumerated()
    where verdicts[number] == .new && batch.sharedHashes.contains(entry.messageHash) {
      let line = bytes.extracting(entry.line)
      for earlier in taken[entry.messageHash, default: []] where verdicts[number] == .new {
        verdicts[number] = Self.compare(
          bytes.extracting(batch.entries[earlier].line), with: line)
      }
      if verdicts[number] == .new { taken[entry.messageHash, default: []].append(number) }
    }
  }

  /// New when the two have only the hash in common.
  private static func compare(_ stored: Span<UInt8>, with line: Span<UInt8>) -> Verdict {
    if stored.hasSameBytes(as: line) { return .same }
    guard let old = try? CallScanner.scan(stored), let new = try? CallScanner.scan(line),
      old.message(in: stored).isExactly(new.message(in: line))
    else { return .new }
    return new.saysTheSame(as: old, in: line, otherLine: stored) ? .same : .conflict
  }
}
