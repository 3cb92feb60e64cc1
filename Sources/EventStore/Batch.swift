import Values

/// The lines of one transaction, scanned and ready to be written.
///
/// It owns the bytes of its lines. To scan them takes no store: names and identities get numbers
/// (`CallTexts`), which the writer turns into ids. The messages are sorted here, for the scan has a
/// thread of its own.
struct Batch: Sendable {
  /// A call as the writer needs it.
  struct Entry: Sendable {
    let line: Range<Int>
    let kind: Call.Kind
    let time: Instant
    let messageHash: UInt64
    let event: Int32?
    let user: Int32?
    let anonymous: Int32?
    let account: Int32?
  }

  /// A line that is no call.
  struct Reject: Sendable {
    let number: Int
    let line: Range<Int>
    let refusal: CallRefusal
    let isCut: Bool
  }

  /// An entry by the hash of its message id.
  struct Message: Sendable {
    let hash: UInt64
    let entry: Int
  }

  private var limit: BatchLimit
  private(set) var bytes: [UInt8] = []
  private(set) var entries: [Entry] = []
  private(set) var rejects: [Reject] = []
  /// The entries in the order of their hashes, once the batch is closed.
  private(set) var messages: [Message] = []
  /// The hashes that several entries have.
  private(set) var sharedHashes: Set<UInt64> = []
  /// What those of the numbers stand for that no earlier batch had, once the batch is closed.
  private(set) var events = NewTexts(first: 0)
  private(set) var users = NewTexts(first: 0)
  private(set) var anonymous = NewTexts(first: 0)
  private(set) var accounts = NewTexts(first: 0)

  init(_ limit: BatchLimit) {
    self.limit = limit
    reserve()
  }

  /// Forgets everything, and keeps the memory for other lines.
  mutating func empty(_ limit: BatchLimit) {
    self.limit = limit
    bytes.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    rejects.removeAll()
    messages.removeAll(keepingCapacity: true)
    sharedHashes.removeAll()
    reserve()
  }

  private mutating func reserve() {
    bytes.reserveCapacity(limit.bytes + LineReader.lengthLimit)
    entries.reserveCapacity(limit.lines)
  }

  var isFull: Bool {
    entries.count + rejects.count >= limit.lines || bytes.count >= limit.bytes
  }

  /// Sorts what the writer looks up, and takes the texts that are new. No line comes after this.
  mutating func close(_ texts: inout CallTexts) {
    messages.reserveCapacity(entries.count)
    for (number, entry) in entries.enumerated() {
      messages.append(Message(hash: entry.messageHash, entry: number))
    }
    messages.sort { $0.hash < $1.hash || $0.hash == $1.hash && $0.entry < $1.entry }
    for (message, next) in zip(messages, messages.dropFirst()) where message.hash == next.hash {
      sharedHashes.insert(message.hash)
    }
    events = texts.events.takeNew()
    users = texts.users.takeNew()
    anonymous = texts.anonymous.takeNew()
    accounts = texts.accounts.takeNew()
  }

  /// Takes in a line: a call, a reject, or nothing when there is only white space in it.
  mutating func add(_ text: Span<UInt8>, number: Int, _ texts: inout CallTexts) {
    let line = text.extracting(contentRange(text))
    guard !line.isEmpty else { return }
    let place = append(line)
    do throws(CallRefusal) {
      let call = try CallScanner.scan(line)
      entries.append(
        Entry(
          line: place, kind: call.kind, time: call.time,
          messageHash: UInt64(bitPattern: call.messageHash(in: line)),
          event: Self.eventNumber(call, line, &texts.events),
          user: call.userID?.withBytes(in: line) { texts.users.number(of: $0) },
          anonymous: call.anonymousID?.withBytes(in: line) { texts.anonymous.number(of: $0) },
          account: call.groupID?.withBytes(in: line) { texts.accounts.number(of: $0) }))
    } catch {
      rejects.append(Reject(number: number, line: place, refusal: error, isCut: false))
    }
  }

  /// Takes in the first bytes of a line that is too long.
  mutating func addCut(_ text: Span<UInt8>, number: Int) {
    rejects.append(Reject(number: number, line: append(text), refusal: .tooLong, isCut: true))
  }

  private mutating func append(_ line: Span<UInt8>) -> Range<Int> {
    let start = bytes.count
    line.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    return start..<bytes.count
  }

  private static func eventNumber(
    _ call: Call, _ line: Span<UInt8>, _ events: inout TextNumbers
  ) -> Int32? {
    switch call.kind {
    case .track: call.event?.withBytes(in: line) { events.number(of: $0) }
    case .page: events.number(of: EventStoreSchema.pageViewed.utf8.span)
    case .screen: events.number(of: EventStoreSchema.screenViewed.utf8.span)
    case .identify, .group, .alias: nil
    }
  }
}

/// How much goes into one transaction.
struct BatchLimit: Sendable {
  /// Lines that are calls or rejects.
  var lines: Int
  /// A batch is full with this many bytes, however few lines they are.
  var bytes = 16 << 20

  static let first = BatchLimit(lines: 50_000)
  static let last = BatchLimit(lines: 200_000, bytes: 64 << 20)
}

/// The range between the JSON white space at a text's ends.
private func contentRange(_ text: Span<UInt8>) -> Range<Int> {
  func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
  var start = 0
  var end = text.count
  while start < end, isSpace(text[start]) { start += 1 }
  while end > start, isSpace(text[end - 1]) { end -= 1 }
  return start..<end
}
