import Foundation
import Values

/// The file that refused lines go to, one JSON object a line:
/// `{"file":…,"line":…,"reason":…,"text":…}`.
///
/// A line that is not UTF-8 has `bytes_base64` in place of `text`, and of a line that is too long
/// only the beginning is there, with `"truncated":true`. Several processes may write at once. An
/// ingest that was cut off between the rejects and its commit writes those rejects again.
struct RejectsFile {
  let path: String

  /// Adds a batch's rejects and waits until the disk has them.
  func append(_ batch: Batch, from file: String) throws(IngestFailure) {
    guard !batch.rejects.isEmpty else { return }
    var text = ""
    for reject in batch.rejects {
      object(reject, batch, file).write(json: &text)
      text += "\n"
    }
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotWriteRejects(path: path, code: errno) }
    defer { close(descriptor) }
    // After a full disk the last line may lack its end.
    if !endsInNewline(descriptor) { text = "\n" + text }
    try write(Array(text.utf8), to: descriptor)
    guard fsync(descriptor) == 0 else { throw .cannotWriteRejects(path: path, code: errno) }
  }

  private func object(_ reject: Batch.Reject, _ batch: Batch, _ file: String) -> Value {
    var line = batch.bytes[reject.line]
    if reject.isCut { line = line.dropLast(splitScalarLength(line)) }
    let content =
      if let text = String(validating: line, as: UTF8.self) {
        Value.Member("text", .string(text))
      } else {
        Value.Member("bytes_base64", .string(Data(line).base64EncodedString()))
      }
    var members = [
      Value.Member("file", .string(file)),
      Value.Member("line", .number(Double(reject.number))),
      Value.Member("reason", .string(reject.refusal.message)),
      content,
    ]
    if reject.isCut { members.append(Value.Member("truncated", .boolean(true))) }
    return .object(members)
  }

  /// The bytes at the end that belong to a character whose rest was cut off.
  private func splitScalarLength(_ line: ArraySlice<UInt8>) -> Int {
    let tail = line.suffix(3)
    guard let lead = tail.lastIndex(where: { $0 >= 0xC0 }) else { return 0 }
    let length = line[lead] >= 0xF0 ? 4 : line[lead] >= 0xE0 ? 3 : 2
    return tail.endIndex - lead < length ? tail.endIndex - lead : 0
  }

  private func endsInNewline(_ descriptor: Int32) -> Bool {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size > 0 else { return true }
    var last: UInt8 = 0
    return pread(descriptor, &last, 1, size - 1) == 1 && last == UInt8(ascii: "\n")
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) throws(IngestFailure) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        Foundation.write(
          descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      guard count >= 0 || errno == EINTR else {
        throw .cannotWriteRejects(path: path, code: errno)
      }
      written += max(count, 0)
    }
  }
}
