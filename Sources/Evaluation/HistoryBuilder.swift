import Values

/// Whose a packed call is, and its place in the history.
public struct PackedCall: BitwiseCopyable, Sendable {
  public let identity: Int64
  /// Milliseconds.
  public let time: Int64
  public let row: Int64
  /// How many of its bytes stand before time and row in the history.
  public let head: Int

  public init(identity: Int64, time: Int64, row: Int64, head: Int) {
    self.identity = identity
    self.time = time
    self.row = row
    self.head = head
  }
}

/// Packs calls of many identities at once, each as it comes, and sorts them at the end.
///
/// A call takes its packed size and 40 bytes of memory.
public struct HistoryBuilder {
  private struct Entry {
    let identity: Int64
    let time: Int64
    let row: Int64
    /// Its packed bytes, without time and row.
    let start: Int
    let head: UInt32
    let count: UInt32
  }

  let names: NameTable
  var writer = PackedWriter()
  var keys: KeyNumbers
  private var entries: [Entry] = []

  public init(_ names: NameTable) {
    self.names = names
    keys = KeyNumbers(names)
  }

  /// How many calls were added.
  public var count: Int { entries.count }

  /// How much memory the calls take, in bytes.
  public var size: Int { writer.bytes.count + entries.count * MemoryLayout<Entry>.stride }

  /// Adds a call to the histories of some identities.
  public mutating func add(_ event: ProfileEvent, to identities: [Int64]) {
    let start = writer.bytes.count
    let head = writer.head(event, names)
    writer.body(event, names)
    append(event, start, head, identities)
  }

  /// Notes what was written from `start` on.
  mutating func append(_ event: ProfileEvent, _ start: Int, _ head: Int, _ identities: [Int64]) {
    let count = writer.bytes.count - start
    for identity in identities {
      entries.append(
        Entry(
          identity: identity, time: event.time.milliseconds, row: event.row, start: start,
          head: UInt32(head), count: UInt32(count)))
    }
  }

  /// Hands over the calls as they were added, packed, and forgets all.
  public mutating func drain(_ each: (PackedCall, Span<UInt8>) throws -> Void) rethrows {
    for entry in entries {
      try each(
        PackedCall(
          identity: entry.identity, time: entry.time, row: entry.row, head: Int(entry.head)),
        writer.bytes.span.extracting(entry.start..<(entry.start + Int(entry.count))))
    }
    entries.removeAll(keepingCapacity: true)
    writer.bytes.removeAll(keepingCapacity: true)
  }

  /// Adds a call that was drained.
  public mutating func add(_ call: PackedCall, _ bytes: Span<UInt8>) {
    let start = writer.bytes.count
    bytes.withUnsafeBufferPointer { writer.bytes.append(contentsOf: $0) }
    entries.append(
      Entry(
        identity: call.identity, time: call.time, row: call.row, start: start,
        head: UInt32(call.head), count: UInt32(bytes.count)))
  }

  /// Hands over the history of each identity, by its number, and forgets all.
  public mutating func finish(_ each: (Int64, History) throws -> Void) rethrows {
    entries.sort { ($0.identity, $0.time, $0.row) < ($1.identity, $1.time, $1.row) }
    var place = 0
    while place < entries.count {
      let identity = entries[place].identity
      var packed = PackedWriter()
      var (time, row): (Int64, Int64) = (0, 0)
      while place < entries.count, entries[place].identity == identity {
        let entry = entries[place]
        let body = entry.start + Int(entry.head)
        packed.record(
          writer.bytes[entry.start..<body], entry.time - time, entry.row - row,
          writer.bytes[body..<(entry.start + Int(entry.count))])
        (time, row) = (entry.time, entry.row)
        place += 1
      }
      try each(identity, History(bytes: packed.bytes))
    }
    entries.removeAll()
    writer.bytes.removeAll()
  }
}

extension History {
  /// A history from the bytes of another one.
  public init(bytes: [UInt8]) {
    self.init()
    self.bytes = bytes
  }

  /// This history and another one. Where all of that is later, its bytes are put behind these.
  public func adding(_ other: History) -> History {
    var reader = PackedReader(bytes: bytes, at: 0)
    var (time, row): (Int64, Int64) = (0, 0)
    while reader.at < bytes.count {
      let end = Int(reader.varint()) + reader.at
      _ = reader.byte()
      _ = reader.varint()
      time += reader.zigzag()
      row += reader.zigzag()
      reader.at = end
    }
    reader = PackedReader(bytes: other.bytes, at: 0)
    guard !bytes.isEmpty, !other.isEmpty else { return bytes.isEmpty ? other : self }
    let end = Int(reader.varint()) + reader.at
    let start = reader.at
    _ = reader.byte()
    _ = reader.varint()
    let head = other.bytes[start..<reader.at]
    let (ownTime, ownRow) = (reader.zigzag(), reader.zigzag())
    guard (ownTime, ownRow) > (time, row) else { return History(pooling: [self, other]) }
    var writer = PackedWriter(bytes: bytes)
    writer.record(head, ownTime - time, ownRow - row, other.bytes[reader.at..<end])
    return History(bytes: writer.bytes + other.bytes[end...])
  }

  /// The history as it was when the event row `last` was the last one.
  public func upTo(row last: Int64) -> History {
    var reader = PackedReader(bytes: bytes, at: 0)
    var writer = PackedWriter()
    var (time, row): (Int64, Int64) = (0, 0)
    var (keptTime, keptRow): (Int64, Int64) = (0, 0)
    while reader.at < bytes.count {
      let end = Int(reader.varint()) + reader.at
      let start = reader.at
      _ = reader.byte()
      _ = reader.varint()
      let head = bytes[start..<reader.at]
      time += reader.zigzag()
      row += reader.zigzag()
      if row <= last {
        writer.record(head, time - keptTime, row - keptRow, bytes[reader.at..<end])
        (keptTime, keptRow) = (time, row)
      }
      reader.at = end
    }
    return History(bytes: writer.bytes)
  }
}
