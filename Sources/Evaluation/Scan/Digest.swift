/// What some definitions ask of the histories of a run of identities, so that a full run reads that in
/// place of the histories.
///
/// Of each event only remains which streams it belongs to, when it was, and the values that are reduced:
/// names, conditions and the beginnings of windows were looked at when the digest was made. It holds for
/// the same definitions, for events that were there, and at no instant before the one at which it was made.
///
/// The bytes, all numbers LEB128 varints:
///
///     the number of sets; for each of them how many streams it has, and these
///     for each profile, by identity:
///       identity, more than the one before
///       2 x the number of bytes that follow; or 1: see the history
///       the number of calls with traits; for each: time, zigzag, more than the one before; length; object
///       for each event: number of its set; time, zigzag, more than the one before; for each column of
///       the set a packed value
public struct DigestBlock: Sendable {
  /// The last identity of which the block says something.
  public let last: Int64
  public let bytes: [UInt8]
}

/// Writes blocks of digests, one profile after the other.
public struct DigestWriter: ~Copyable {
  /// The streams of all sets, one set after the other, and where each begins; and the end.
  private var streams: [Int32] = []
  private var starts = [0]
  /// The numbers of sets by a hash of their streams.
  private var known: [UInt64: Int] = [:]
  private var profiles = PackedWriter()
  private var last: Int64 = 0
  /// The profile in hand.
  var profile = PackedWriter()

  public init() {}

  /// How many bytes there are so far, about.
  public var size: Int { profiles.count + streams.count }

  /// Ends the block; nil when nobody is in it.
  public mutating func close() -> DigestBlock? {
    guard profiles.count > 0 else { return nil }
    var head = PackedWriter()
    head.varint(UInt64(starts.count - 1))
    for (start, end) in zip(starts, starts.dropFirst()) {
      head.varint(UInt64(end - start))
      for stream in streams[start..<end] { head.varint(UInt64(stream)) }
    }
    profiles.withSpan { head.append($0) }
    let block = DigestBlock(last: last, bytes: head.bytes)
    self = DigestWriter()
    return block
  }

  /// Adds the profile in hand.
  ///
  /// - Parameter needsHistory: whether its history has to be read. What was written of it is left out then.
  mutating func end(_ identity: Int64, needsHistory: Bool) {
    profiles.varint(UInt64(identity - last))
    last = identity
    if needsHistory {
      profiles.varint(1)
    } else {
      profiles.varint(UInt64(profile.count) << 1)
      profile.withSpan { profiles.append($0) }
    }
    profile.truncate(to: 0)
  }

  /// The number of a set of streams.
  mutating func number(ofSet set: borrowing ScratchList<Int32>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<set.count {
      hash = (hash ^ UInt64(truncatingIfNeeded: set[index])) &* 0x100_0000_01b3
      hash ^= hash >> 29
    }
    while let number = known[hash] {
      if isSame(number, set) { return number }
      hash &+= 1
    }
    for index in 0..<set.count { streams.append(set[index]) }
    starts.append(streams.count)
    known[hash] = starts.count - 2
    return starts.count - 2
  }

  private func isSame(_ number: Int, _ set: borrowing ScratchList<Int32>) -> Bool {
    let start = starts[number]
    guard starts[number + 1] - start == set.count else { return false }
    for index in 0..<set.count where streams[start + index] != set[index] { return false }
    return true
  }
}

/// Goes through the profiles of a block.
public struct DigestCursor {
  /// The profile here.
  public private(set) var identity: Int64 = 0
  /// Whether it has to be evaluated by its history.
  public private(set) var needsHistory = false
  private(set) var content = 0..<0

  /// - Parameter start: where the profiles begin.
  init(at start: Int) { content = start..<start }

  /// Goes to the next profile; false at the end.
  @inline(__always)
  public mutating func advance(_ block: Span<UInt8>) -> Bool {
    guard content.upperBound < block.count else { return false }
    var reader = ScanReader(at: content.upperBound)
    identity += Int64(truncatingIfNeeded: reader.varint(block))
    let length = reader.varint(block)
    needsHistory = length & 1 != 0
    content = reader.at..<(reader.at + Int(truncatingIfNeeded: length >> 1))
    return true
  }
}
