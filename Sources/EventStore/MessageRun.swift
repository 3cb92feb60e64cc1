import SQLite
import Values

/// A call's place in the message index.
struct MessageEntry: Equatable, Sendable {
  let hash: UInt64
  /// Its row in `events`.
  let seq: Int64

  /// The order of a run.
  static func precedes(_ a: MessageEntry, _ b: MessageEntry) -> Bool {
    a.hash < b.hash || a.hash == b.hash && a.seq < b.seq
  }
}

/// A sorted run of the message index: a row of `message_runs` and its parts in `message_parts`.
///
/// The first `bits` bits of a hash say in which part it is, so that a part is found without a
/// search; hashes are even, and so are the parts. A part holds its hashes and their calls' rows in
/// two blobs of little-endian words, both in the order of (hash, row). With `bits` 1:
///
///     part 0   hashes  [0x0A…, 0x3F…, 0x3F…]   seqs  [7, 1, 4]
///     part 1   hashes  [0x81…, 0xC0…]          seqs  [3, 2]
struct MessageRun: Equatable, Sendable {
  /// How many entries a part has at most, more or less.
  static let partLength = 1024

  let id: Int64
  let entries: Int
  let bits: Int
  /// The id of part 0; the others follow it.
  let firstPart: Int64
  /// The last row of `events` that it names; behind that of all runs, rows have no entry yet.
  let lastSeq: Int64

  /// The number of bits that divides so many entries into parts.
  static func bits(for entries: Int) -> Int {
    var bits = 0
    while entries >> bits > partLength { bits += 1 }
    return bits
  }

  /// Runs of one level are merged: each holds some four times as much as the one below.
  static func level(for entries: Int) -> Int {
    (Int.bitWidth - (entries >> 10).leadingZeroBitCount) / 2
  }

  var partCount: Int { 1 << bits }

  /// The part of a hash in a run, or a range of a merge, with so many bits.
  static func part(of hash: UInt64, bits: Int) -> Int {
    bits == 0 ? 0 : Int(hash >> UInt64(64 - bits))
  }
}

/// The words of one part, read in place.
extension Span<UInt8> {
  var wordCount: Int { count / 8 }

  func word(_ index: Int) -> UInt64 {
    precondition(index >= 0 && index < wordCount)
    return UInt64(
      littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
  }

  /// The first place at or behind `start` whose word is not below `word`.
  ///
  /// The steps double until they pass it, so that what lies near is found soon.
  func firstPlace(notBelow word: UInt64, from start: Int) -> Int {
    var low = start
    var step = 1
    while low + step <= wordCount, self.word(low + step - 1) < word {
      low += step
      step *= 2
    }
    var high = Swift.min(low + step - 1, wordCount)
    while low < high {
      let middle = (low + high) / 2
      if self.word(middle) < word { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension [UInt8] {
  mutating func append(word: UInt64) {
    Swift.withUnsafeBytes(of: word.littleEndian) { append(contentsOf: $0) }
  }
}
