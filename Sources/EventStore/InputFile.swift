import Foundation

/// An open file to be read from front to back. Whoever opens it closes it.
struct InputFile {
  let descriptor: Int32
  /// The size when it was opened; nil for a pipe or a device, which has none.
  let size: Int?
  private let path: String

  init(_ path: String) throws(IngestFailure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotOpen(path: path, code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      Foundation.close(descriptor)
      throw .cannotOpen(path: path, code: code)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: size = Int(status.st_size)
    case S_IFDIR:
      Foundation.close(descriptor)
      throw .cannotOpen(path: path, code: EISDIR)
    default: size = nil
    }
  }

  func close() { Foundation.close(descriptor) }

  /// The hash of the first bytes, or nil when the file is shorter.
  func hash(ofFirst count: Int) throws(IngestFailure) -> PrefixHash? {
    try seek(to: 0)
    var hash = PrefixHash()
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    var rest = count
    while rest > 0 {
      let wanted = min(rest, chunk.count)
      let found = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, wanted) }
      if found < 0, errno == EINTR { continue }
      guard found >= 0 else { throw .cannotRead(path: path, code: errno) }
      guard found > 0 else { return nil }
      hash.update(chunk.span.extracting(0..<found))
      rest -= found
    }
    return hash
  }

  /// Goes to a place in the file.
  func seek(to offset: Int) throws(IngestFailure) {
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else {
      throw .cannotRead(path: path, code: errno)
    }
  }
}
