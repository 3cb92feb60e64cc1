/// Writing digests, and opening them.
extension ScanEvaluator {
  // MARK: Writing

  /// Evaluates a profile by its history, and adds what the definitions ask of it to a digest.
  public mutating func evaluate(
    _ history: Span<UInt8>, digesting identity: Int64, into writer: inout DigestWriter
  ) {
    digest.marksEvents = true
    evaluate(history)
    digest.marksEvents = false
    guard !history.isEmpty else { return }
    let needsHistory =
      lastPass.ofUser > now || lastPass.asksOthers || (others.asksTraits && !traitCalls.isEmpty)
    if !needsHistory {
      writeTraits(history, &writer.profile)
      writeEvents(history, &writer)
    }
    writer.end(identity, needsHistory: needsHistory)
  }

  private mutating func writeTraits(_ bytes: Span<UInt8>, _ writer: inout PackedWriter) {
    var calls = PackedWriter()
    var count: UInt64 = 0
    var time: Int64 = 0
    for number in 0..<traitCalls.count {
      let call = traitCalls[number]
      var object = PackedWriter()
      Self.write(keys: digest.traitKeys, at: call.payload, bytes, &object)
      if object.count == 0 { continue }
      count += 1
      calls.zigzag(call.time - time)
      time = call.time
      calls.varint(UInt64(object.count))
      object.withSpan { calls.append($0) }
    }
    writer.varint(count)
    calls.withSpan { writer.append($0) }
  }

  /// Writes the object at a place with these keys alone; nothing where it has none of them.
  private static func write(
    keys: [Int32], at place: Int, _ bytes: Span<UInt8>, _ writer: inout PackedWriter
  ) {
    var reader = ScanReader(at: place)
    guard !keys.isEmpty, reader.tag(bytes) == .object else { return }
    let end = Int(truncatingIfNeeded: reader.varint(bytes)) + reader.at
    writer.tag(.object)
    let start = writer.open()
    while reader.at < end {
      let member = reader.at
      let key = Int32(truncatingIfNeeded: reader.varint(bytes))
      reader.skip(bytes)
      if keys.contains(key) { writer.append(bytes.extracting(member..<reader.at)) }
    }
    if writer.count == start + 1 { return writer.truncate(to: 0) }
    writer.close(start)
  }

  private mutating func writeEvents(_ bytes: Span<UInt8>, _ writer: inout DigestWriter) {
    var time: Int64 = 0
    for number in 0..<digest.events.count {
      let start = Int(digest.events[number])
      let end = number + 1 < digest.events.count ? Int(digest.events[number + 1]) : found.count
      digest.set.removeAll()
      for hit in start..<end { digest.set.append(found[hit].stream) }
      writer.profile.varint(UInt64(writer.number(ofSet: digest.set)))
      writer.profile.zigzag(found[start].time - time)
      time = found[start].time
      digest.seen.removeAll()
      for hit in start..<end {
        let column = digest.gateOfStream[Int(found[hit].stream)].column
        if column < 0 || digest.place(ofColumn: column) >= 0 { continue }
        digest.seen.append(Int32(truncatingIfNeeded: column))
        write(Int(found[hit].cell), bytes, &writer.profile)
      }
    }
  }

  private func write(_ cell: Int, _ bytes: Span<UInt8>, _ writer: inout PackedWriter) {
    guard cell >= 0 else { return writer.tag(.null) }
    var reader = ScanReader(at: cell)
    reader.skip(bytes)
    writer.append(bytes.extracting(cell..<reader.at))
  }

  /// Reads the sets of a block; the cursor stands before its first profile.
  public mutating func open(_ block: Span<UInt8>) -> DigestCursor {
    rememberTraits()
    makeRoomForConditions()
    return DigestCursor(at: digest.readSets(block))
  }
}
