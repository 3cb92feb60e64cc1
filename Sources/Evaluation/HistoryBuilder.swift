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
/// A call takes its packed size and 40 bytes of memory, and 32 more while they are sorted.
public struct HistoryBuilder: ~Copyable, Sendable {
  private struct Entry: BitwiseCopyable {
    let identity: Int64
    let time: Int64
    let row: Int64
    /// Its packed bytes, without time and row.
    let start: Int
    let head: UInt32
    let count: UInt32

    var body: Range<Int> { (start + Int(head))..<(start + Int(count)) }
  }

  let names: NameTable
  var writer = PackedWriter()
  var keys: KeyNumbers
  private var entries: [Entry] = []
  /// The entries by their owners, once they are sorted.
  private var order: IdentityOrder?

  public init(_ names: NameTable) {
    self.names = names
    keys = KeyNumbers(names)
  }

  /// How many calls were added.
  public var count: Int { entries.count }

  /// How much memory the calls take, in bytes.
  public var size: Int { writer.count + entries.count * MemoryLayout<Entry>.stride }

  /// Adds a call that was read into memory.
  public mutating func add(_ event: ProfileEvent, to owners: CallOwners) {
    let start = writer.count
    let (kind, name): (History.RecordKind, Int32) =
      switch event.kind {
      case .event(let name): (.event, names.number(of: name))
      case .identify: (.identify, 0)
      case .group: (.group, 0)
      case .alias: (.alias, 0)
      }
    let head = writer.head(kind, name, isAnonymous: event.isAnonymous)
    writer.value(event.properties, names)
    writer.value(event.context, names)
    writer.value(event.writeKey, names)
    append(time: event.time.milliseconds, row: event.row, start, head, owners)
  }

  /// Notes what was written from `start` on.
  mutating func append(time: Int64, row: Int64, _ start: Int, _ head: Int, _ owners: CallOwners) {
    let count = UInt32(writer.count - start)
    func entry(_ identity: Int64) -> Entry {
      Entry(
        identity: identity, time: time, row: row, start: start, head: UInt32(head), count: count)
    }
    if let person = owners.person { entries.append(entry(person)) }
    if let account = owners.account { entries.append(entry(account)) }
    order = nil
  }

  /// Hands over the calls as they were added, packed, and forgets all.
  public mutating func drain<Failure>(
    _ each: (PackedCall, Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    try writer.withSpan { (packed: Span<UInt8>) throws(Failure) in
      for entry in entries {
        try each(
          PackedCall(
            identity: entry.identity, time: entry.time, row: entry.row, head: Int(entry.head)),
          packed.extracting(entry.start..<(entry.start + Int(entry.count))))
      }
    }
    forget()
  }

  /// Adds a call that was drained.
  public mutating func add(_ call: PackedCall, _ bytes: Span<UInt8>) {
    let start = writer.count
    writer.append(bytes)
    entries.append(
      Entry(
        identity: call.identity, time: call.time, row: call.row, start: start,
        head: UInt32(call.head), count: UInt32(bytes.count)))
    order = nil
  }

  /// Sorts the calls, which `finish` does otherwise.
  public mutating func sort() {
    guard order == nil else { return }
    var sorted = IdentityOrder(entries.lazy.map(\.identity))
    sorted.sortRuns { a, b in
      let (a, b) = (entries[a.place], entries[b.place])
      return (a.time, a.row) < (b.time, b.row)
    }
    order = sorted
  }

  /// Hands over the history of each identity, by its number, and forgets all.
  public mutating func finish<Failure>(
    _ each: (Int64, History) throws(Failure) -> Void
  ) throws(Failure) {
    sort()
    var packed = PackedWriter(capacity: 4096)
    try writer.withSpan { (calls: Span<UInt8>) throws(Failure) in
      try order?.forEachRun { (identity: Int64, run: ArraySlice) throws(Failure) in
        packed.truncate(to: 0)
        var (time, row): (Int64, Int64) = (0, 0)
        for call in run {
          let entry = entries[call.place]
          packed.record(
            calls.extracting(entry.start..<entry.body.lowerBound), entry.time - time,
            entry.row - row, calls.extracting(entry.body))
          (time, row) = (entry.time, entry.row)
        }
        try each(identity, History(bytes: packed.bytes))
      }
    }
    forget()
  }

  /// The memory is kept for the calls that come next.
  private mutating func forget() {
    entries.removeAll(keepingCapacity: true)
    writer.truncate(to: 0)
    order = nil
  }
}

extension History {
  /// A history from the bytes of another one.
  public init(bytes: [UInt8]) {
    self.init()
    self.bytes = bytes
  }

  /// This history and what came to it, in parts of any order. Where each part is later than all before
  /// it, its bytes are put behind theirs.
  public func adding(_ parts: [History]) -> History {
    let histories = ([self] + parts).filter { !$0.isEmpty }
    guard histories.count > 1 else { return histories.first ?? self }
    let join = HistoryJoin()
    for history in histories {
      let bytes = history.bytes
      guard join.add(bytes.span) else { return History(pooling: histories) }
    }
    return join.history
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
      let head = start..<reader.at
      time += reader.zigzag()
      row += reader.zigzag()
      if row <= last {
        writer.record(
          bytes.span.extracting(head), time - keptTime, row - keptRow,
          bytes.span.extracting(reader.at..<end))
        (keptTime, keptRow) = (time, row)
      }
      reader.at = end
    }
    return History(bytes: writer.bytes)
  }
}
