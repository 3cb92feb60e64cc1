import Foundation

/// Reads lines from a descriptor in a limited amount of memory, however long they are.
///
/// The buffer holds bytes that are read ahead; a line is a place in it, valid until the next one is
/// asked for. A line over the limit is passed over, and only its first bytes are kept.
struct LineReader: Sendable {
  /// The longest line that is taken, in bytes without its end.
  static let lengthLimit = 1 << 20
  /// How much of a longer line is kept.
  static let keptLength = 64 << 10

  /// The bytes of a line, without what ends it.
  enum Line {
    case whole(Range<Int>)
    /// The first bytes of a line over the limit.
    case cut(Range<Int>)
  }

  private let descriptor: Int32
  private let source: String
  /// It has its memory from the first bytes on, and so one owner. It grows for a line that does not fit.
  private(set) var buffer: [UInt8] = []
  /// What is read at once is scanned while the processor's cache still has it.
  private static let usualSize = 256 << 10
  private static let sizeLimit = lengthLimit + lengthLimit / 2
  private var start = 0
  private var end = 0
  private var isAtEnd = false

  /// Where the next line begins in the file.
  private(set) var offset: Int
  private let hashes: Bool
  private var prefix: PrefixHash
  /// From where on the buffer's bytes are not in `prefix` yet.
  private var hashed = 0
  /// Whether the last line had an end. Only a file's last line may have none.
  private(set) var lastLineEnded = true
  /// Whether nobody waits for more. A pipe or a terminal may stay silent for ever.
  var isStopped: @Sendable () -> Bool = { false }

  /// Reads on from `offset`, where the descriptor stands; `prefix` has taken in what lies before.
  ///
  /// - Parameter hashes: whether the prefix's hash is needed; of a stream it is not.
  init(
    descriptor: Int32, source: String, hashes: Bool, offset: Int = 0,
    prefix: PrefixHash = PrefixHash()
  ) {
    self.descriptor = descriptor
    self.source = source
    self.hashes = hashes
    self.offset = offset
    self.prefix = prefix
  }

  /// The next line, or nil at the end.
  mutating func next() throws(IngestFailure) -> Line? {
    var searched = start
    while true {
      if let newline = newline(from: searched) {
        let endsInReturn = newline > start && buffer[newline - 1] == UInt8(ascii: "\r")
        let line = start..<(endsInReturn ? newline - 1 : newline)
        consume(to: newline + 1)
        lastLineEnded = true
        return line.count > Self.lengthLimit ? .cut(line.prefix(Self.keptLength)) : .whole(line)
      }
      // One byte more than the limit may still be a carriage return.
      if end - start > Self.lengthLimit + 1 { return try passOver() }
      if isAtEnd {
        let line = start..<end
        guard !line.isEmpty else { return nil }
        consume(to: end)
        lastLineEnded = false
        return line.count > Self.lengthLimit ? .cut(line.prefix(Self.keptLength)) : .whole(line)
      }
      let seen = end - start
      if end == buffer.count { moveToFront() }
      searched = start + seen
      try fill()
    }
  }

  /// The hash of everything before `offset`.
  mutating func prefixHash() -> UInt64 {
    hash()
    return prefix.value
  }

  /// Goes to the end of a line that fills the buffer, and keeps its first bytes at the front.
  private mutating func passOver() throws(IngestFailure) -> Line {
    moveToFront()
    let kept = 0..<Self.keptLength
    lastLineEnded = false
    var searched = kept.upperBound
    while !lastLineEnded {
      if let newline = newline(from: searched) {
        consume(to: newline + 1)
        lastLineEnded = true
      } else {
        consume(to: end)
        if isAtEnd { break }
        hash()
        (start, end, hashed) = (kept.upperBound, kept.upperBound, kept.upperBound)
        searched = start
        try fill()
      }
    }
    return .cut(kept)
  }

  private mutating func consume(to place: Int) {
    offset += place - start
    start = place
  }

  private mutating func hash() {
    guard hashes, hashed < start else { return }
    let bytes = buffer
    prefix.update(bytes.span.extracting(hashed..<start))
    hashed = start
  }

  private mutating func moveToFront() {
    hash()
    buffer.replaceSubrange(0..<(end - start), with: Array(buffer[start..<end]))
    (start, end, hashed) = (0, end - start, 0)
  }

  // MARK: The system

  /// False when there are none and nobody waits for them. A file always has some, or an end.
  private func waitForBytes() -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&request, 1, 100) == 0 { if isStopped() { return false } }
    return true
  }

  private func newline(from place: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress,
        let found = memchr(base + place, Int32(UInt8(ascii: "\n")), end - place)
      else { return nil }
      return base.distance(to: UnsafeRawPointer(found))
    }
  }

  private mutating func fill() throws(IngestFailure) {
    if end == buffer.count {
      let size = min(max(buffer.count * 2, Self.usualSize), Self.sizeLimit)
      buffer += repeatElement(0, count: size - buffer.count)
    }
    while true {
      guard waitForBytes() else {
        isAtEnd = true
        return
      }
      let place = end
      let count = buffer.withUnsafeMutableBytes { bytes in
        read(descriptor, bytes.baseAddress.map { $0 + place }, bytes.count - place)
      }
      if count >= 0 {
        end += count
        isAtEnd = count == 0
        return
      }
      guard errno == EINTR else { throw .cannotRead(path: source, code: errno) }
    }
  }
}
