import SQLite
import Values

extension MessageIndex {
  /// So many runs of one level become one.
  static let fanOut = 4
  /// A run is not merged past this: a quarter of a gigabyte in one transaction is enough.
  static let mergeLimit = 1 << 24

  /// Merges the runs of a level when there are enough of them, and then those that it makes many.
  func mergeLevels(from level: Int) throws {
    var level = level
    while true {
      let group = try runs().filter { MessageRun.level(for: $0.entries) == level }
      let total = group.reduce(0) { $0 + $1.entries }
      guard group.count >= Self.fanOut, total <= Self.mergeLimit else { return }
      try merge(group, total)
      level = MessageRun.level(for: total)
    }
  }

  /// Makes one run of several, range by range, so that only a part of each is in memory.
  private func merge(_ group: [MessageRun], _ total: Int) throws {
    let bits = group.lazy.map(\.bits).min() ?? 0
    var writer = try RunWriter(self, entries: total)
    for range in 0..<(1 << bits) {
      try Self.merge(try group.map { try entries(of: $0, in: range, bits) }) {
        try writer.add($0)
      }
    }
    for run in group { try remove(run) }
    try writer.finish(lastSeq: group.lazy.map(\.lastSeq).max() ?? 0)
  }

  /// The entries of a run whose hashes begin with the `bits` bits of `range`.
  func entries(of run: MessageRun, in range: Int, _ bits: Int) throws -> [MessageEntry] {
    let count = 1 << (run.bits - bits)
    let first = run.firstPart + Int64(range * count)
    var entries: [MessageEntry] = []
    var parts = 0
    try readParts.forEach(.init(first), .init(first + Int64(count))) { row in
      try row.withBytes(0) { hashes in
        try row.withBytes(1) { seqs in
          guard hashes.wordCount == seqs.wordCount else {
            throw SQLiteError.damaged("message_parts")
          }
          for place in 0..<hashes.wordCount {
            entries.append(
              MessageEntry(hash: hashes.word(place), seq: Int64(bitPattern: seqs.word(place))))
          }
        }
      }
      parts += 1
    }
    guard parts == count else { throw SQLiteError.damaged("message_parts") }
    return entries
  }

  /// Calls `body` with the entries of sorted lists, in their order.
  private static func merge(
    _ lists: [[MessageEntry]], _ body: (MessageEntry) throws -> Void
  ) rethrows {
    var places = [Int](repeating: 0, count: lists.count)
    while true {
      var least: (list: Int, entry: MessageEntry)?
      for list in lists.indices where places[list] < lists[list].count {
        let entry = lists[list][places[list]]
        if let other = least?.entry, !MessageEntry.precedes(entry, other) { continue }
        least = (list, entry)
      }
      guard let least else { return }
      places[least.list] += 1
      try body(least.entry)
    }
  }
}

/// Writes a run's parts one after the other, its filter, and then the run.
struct RunWriter {
  private let index: MessageIndex
  private let entries: Int
  private let bits: Int
  private let firstPart: Int64
  /// The part that is being filled.
  private var part = 0
  private var hashes: [UInt8] = []
  private var seqs: [UInt8] = []
  private var filter: MessageFilter

  init(_ index: MessageIndex, entries: Int) throws {
    self.index = index
    self.entries = entries
    bits = MessageRun.bits(for: entries)
    firstPart = try index.nextPart()
    filter = MessageFilter(entries: entries)
  }

  /// Adds the next entry in the order of the run.
  mutating func add(_ entry: MessageEntry) throws {
    let place = MessageRun.part(of: entry.hash, bits: bits)
    while part < place { try flush() }
    filter.add(entry.hash)
    hashes.append(word: entry.hash)
    seqs.append(word: UInt64(bitPattern: entry.seq))
  }

  mutating func finish(lastSeq: Int64) throws {
    while part < 1 << bits { try flush() }
    try index.add(filter, firstPart: firstPart)
    try index.addRun(entries: entries, bits: bits, firstPart: firstPart, lastSeq: lastSeq)
  }

  private mutating func flush() throws {
    try index.addPart(firstPart + Int64(part), hashes: hashes, seqs: seqs)
    hashes.removeAll(keepingCapacity: true)
    seqs.removeAll(keepingCapacity: true)
    part += 1
  }
}
