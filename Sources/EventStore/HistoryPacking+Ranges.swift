import Evaluation
import SQLite

/// A long tail, whose calls are packed a range of identities at a time.
///
/// Two threads share the work, and the second never touches the store: first one reads the rows while the
/// other packs them and puts them aside; then one writes a range while the other brings the next one into
/// its order.
extension HistoryPacking {
  mutating func takeByRanges(
    after since: Int64, upTo watermark: Int64, _ callsInRange: Int64
  ) throws {
    let parts = Int((watermark - since) / callsInRange) + 1
    let spill = try CallSpill(
      connection.path + ".pack.tmp", bounds: try bounds(parts, after: since, upTo: watermark))
    try takeByRanges(after: since, upTo: watermark, spill)
  }

  /// - Parameter spill: where calls are put aside; nothing is in it.
  mutating func takeByRanges(
    after since: Int64, upTo watermark: Int64, _ spill: CallSpill
  ) throws {
    let count = Int(watermark - since)
    let progress = progress
    try putAside(after: since, upTo: watermark, spill) { progress(Int($0 - since), 2 * count) }
    try flush(spill) { progress(count + count * $0 / spill.partCount, 2 * count) }
  }

  /// Why a side ends when the other one has. What ended that one is what comes out.
  private struct Ended: Error {}

  /// Reads the rows here, and packs them on a thread of its own.
  ///
  /// - Parameter progress: called with the last row that was read.
  private func putAside(
    after since: Int64, upTo watermark: Int64, _ spill: CallSpill, _ progress: (Int64) -> Void
  ) throws {
    let portions = Handover([ArrivedCalls(), ArrivedCalls()])
    let worker = Worker { [names] in
      defer { portions.close() }
      var packing = CallPacking(names)
      var builder = HistoryBuilder(names)
      while let calls = portions.next() {
        try packing.pack(calls, into: &builder)
        portions.giveBack(calls)
        try builder.drain(spill.add)
      }
    }
    do {
      defer { portions.end() }
      try calls.read(after: since, upTo: watermark) { calls in
        guard let empty = portions.empty() else { throw Ended() }
        if let last = calls.rows.last { progress(last.seq) }
        portions.put(calls)
        calls = empty
      }
    } catch {
      try worker.finish()
      throw error
    }
    try worker.finish()
  }

  /// The calls of a range, on their way from one thread to the other, which have them in turn.
  private final class Part: @unchecked Sendable {
    var builder: HistoryBuilder
    init(_ names: NameTable) { builder = HistoryBuilder(names) }
  }

  /// Writes the ranges here, and sorts them on a thread of its own.
  ///
  /// - Parameter progress: called with the number of ranges that are written.
  private mutating func flush(_ spill: CallSpill, _ progress: (Int) -> Void) throws {
    let parts = Handover([Part(names), Part(names)])
    let worker = Worker {
      defer { parts.end() }
      for number in 0..<spill.partCount {
        guard let part = parts.empty() else { return }
        try spill.read(number) { part.builder.add($0, $1) }
        part.builder.sort()
        parts.put(part)
      }
    }
    do {
      defer { parts.close() }
      var count = 0
      while let part = parts.next() {
        swap(&builder, &part.builder)
        try flush()
        swap(&builder, &part.builder)
        parts.giveBack(part)
        count += 1
        progress(count)
      }
    } catch {
      worker.wait()
      throw error
    }
    try worker.finish()
  }

  /// Where to part the identities, so that each range has about as many calls: by a sample of them.
  private func bounds(
    _ parts: Int, after since: Int64, upTo watermark: Int64
  ) throws -> [Int64] {
    let row = try connection.prepare(
      "SELECT coalesce(user, anonymous) FROM events WHERE seq = ?")
    let size = Int64(parts * 100)
    var sample: [Int64] = []
    for number in 0..<size {
      let seq = since + 1 + (watermark - since - 1) * number / size
      if let identity = try row.first(.init(seq), read: { $0.optionalInt(0) }) ?? nil {
        sample.append(identity)
      }
    }
    sample.sort()
    return (1..<parts).compactMap { part in
      sample.isEmpty ? nil : sample[sample.count * part / parts]
    }
  }
}
