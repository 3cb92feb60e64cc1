import Values

/// The lines of one transaction, scanned and ready to be written.
///
/// It owns the bytes of its lines. To scan them takes no store: names and identities get numbers,
/// which the writer turns into ids.
struct Batch {
  /// A call as the writer needs it.
  struct Entry {
    let line: Range<Int>
    let kind: Call.Kind
    let time: Instant
    let messageHash: Int64
    let event: Int?
    let user: Int?
    let anonymous: Int?
    let account: Int?
  }

  /// A line that is no call.
  struct Reject {
    let number: Int
    let line: Range<Int>
    let refusal: CallRefusal
    let isCut: Bool
  }

  /// A batch is full with this many bytes, however few lines they are.
  private static let byteLimit = 16 << 20

  private let lineLimit: Int
  private(set) var bytes: [UInt8] = []
  private(set) var entries: [Entry] = []
  private(set) var rejects: [Reject] = []
  /// What the numbers stand for. It outlives the batch's lines, for the next ones name the same.
  var events = KnownTexts()
  var users = KnownTexts()
  var anonymous = KnownTexts()
  var accounts = KnownTexts()

  init(lineLimit: Int) { self.lineLimit = lineLimit }

  var isFull: Bool {
    entries.count + rejects.count >= lineLimit || bytes.count >= Self.byteLimit
  }

  /// Makes room for the next lines.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    rejects.removeAll(keepingCapacity: true)
    events.trim()
    users.trim()
    anonymous.trim()
    accounts.trim()
  }

  /// Forgets which ids the store gave, when they may no longer hold.
  mutating func forgetIDs() {
    events.forgetIDs()
    users.forgetIDs()
    anonymous.forgetIDs()
    accounts.forgetIDs()
  }

  /// Takes in a line: a call, a reject, or nothing when there is only white space in it.
  mutating func add(_ text: Span<UInt8>, number: Int) {
    let line = text.extracting(contentRange(text))
    guard !line.isEmpty else { return }
    let place = append(line)
    do throws(CallRefusal) {
      let call = try CallScanner.scan(line)
      entries.append(
        Entry(
          line: place, kind: call.kind, time: call.time,
          messageHash: call.messageHash(in: line),
          event: eventNumber(call, line),
          user: call.userID?.withBytes(in: line) { users.number(of: $0) },
          anonymous: call.anonymousID?.withBytes(in: line) { anonymous.number(of: $0) },
          account: call.groupID?.withBytes(in: line) { accounts.number(of: $0) }))
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

  private mutating func eventNumber(_ call: Call, _ line: Span<UInt8>) -> Int? {
    switch call.kind {
    case .track: call.event?.withBytes(in: line) { events.number(of: $0) }
    case .page: events.number(of: EventStoreSchema.pageViewed.utf8.span)
    case .screen: events.number(of: EventStoreSchema.screenViewed.utf8.span)
    case .identify, .group, .alias: nil
    }
  }
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
