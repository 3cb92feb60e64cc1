import Values

/// Reads a file's lines to its end and scans them into batches, ahead of the writer.
struct LineScan: Sendable {
  let reader: LineReader
  /// The lines before the place at which the reader stands.
  let lines: Int
  /// The first batch is short, so that a short file keeps others waiting for no longer than needed.
  let limits: (first: BatchLimit, last: BatchLimit)

  /// Hands over a portion for each full batch, and one at the end of the file, full or not.
  func run(_ portions: Portions) throws(IngestFailure) {
    var reader = reader
    var lines = lines
    var limit = limits.first
    var texts = CallTexts()
    reader.isStopped = { portions.isClosed }
    while portions.waitForRoom() {
      var batch = portions.batch(limit)
      let isLast = try fill(&batch, &reader, &lines, &texts)
      batch.close(&texts)
      portions.put(
        .success(
          Portion(
            batch: batch, offset: reader.offset, prefix: reader.prefixHash(), lines: lines,
            isLast: isLast)))
      if isLast { return }
      limit = limits.last
    }
  }

  /// Fills a batch; true at the end of the file.
  private func fill(
    _ batch: inout Batch, _ reader: inout LineReader, _ lines: inout Int,
    _ texts: inout CallTexts
  ) throws(IngestFailure) -> Bool {
    while let line = try reader.next() {
      lines += 1
      switch line {
      case .whole(var range):
        if lines == 1 { range = withoutByteOrderMark(range, reader.buffer) }
        batch.add(reader.buffer.span.extracting(range), number: lines, &texts)
      case .cut(let range):
        batch.addCut(reader.buffer.span.extracting(range), number: lines)
      }
      // A last line without an end is stored with the end of the file: should the file grow, that
      // line was not a whole one.
      if batch.isFull, reader.lastLineEnded { return false }
    }
    return true
  }
}

/// Editors on Windows put U+FEFF at the start of a file.
private func withoutByteOrderMark(_ line: Range<Int>, _ buffer: [UInt8]) -> Range<Int> {
  buffer[line].starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
}
