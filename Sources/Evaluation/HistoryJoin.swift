/// Puts a history and what came to it later one behind the other, in memory that is kept for the next ones.
public final class HistoryJoin {
  private var writer = PackedWriter(capacity: 4096)
  /// The last call so far.
  private var last = (time: Int64(0), row: Int64(0))

  public init() {}

  /// Forgets all that was put together.
  public func begin() {
    writer.truncate(to: 0)
    last = (0, 0)
  }

  /// Puts a part of a history, packed, behind the others.
  ///
  /// - Returns: false where it is not later than all of them. What is put together means nothing then, and the
  ///   parts are to be sorted (`History.adding`).
  public func add(_ part: Span<UInt8>) -> Bool {
    if part.isEmpty { return true }
    let isFirst = writer.count == 0
    var call = (time: Int64(0), row: Int64(0))
    var reader = ScanReader(at: 0)
    while reader.at < part.count {
      let isStart = reader.at == 0
      let length = Int(truncatingIfNeeded: reader.varint(part))
      let start = reader.at
      reader.at += 1
      _ = reader.varint(part)
      let head = start..<reader.at
      call.time += reader.zigzag(part)
      call.row += reader.zigzag(part)
      if isStart {
        guard isFirst || last < call else { return false }
        writer.record(
          part.extracting(head), call.time - last.time, call.row - last.row,
          part.extracting(reader.at..<(start + length)))
        writer.append(part.extracting((start + length)...))
      }
      reader.at = start + length
    }
    last = call
    return true
  }

  /// What was put together.
  public var history: History { History(bytes: writer.bytes) }

  /// Calls `body` with what was put together, in place.
  public func withBytes<Reader: ~Copyable>(
    _ reader: inout Reader, _ body: (inout Reader, Span<UInt8>) -> Void
  ) {
    writer.withSpan { body(&reader, $0) }
  }
}
