import Foundation

/// Appends identify and group calls to a file, one a line.
public struct FileTransport: Transport {
  private let path: String

  public init(path: String) { self.path = path }

  /// Why a file cannot take the calls.
  public struct Failure: Error, Sendable {
    public let path: String
    public let reason: String
  }

  /// Appends whole lines and waits until they are on the disk.
  ///
  /// A crash in the middle leaves a torn line; the next call cuts it off, and its batch comes again
  /// because it was never acknowledged.
  public func send(_ request: Request) throws -> Answer {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure() }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try file.truncate(atOffset: try endOfLastLine(file))
      try file.seekToEnd()
      try file.write(contentsOf: Data(request.body.utf8))
      try file.synchronize()
    } catch {
      throw failure()
    }
    return .accepted
  }

  private func failure() -> Failure {
    Failure(path: path, reason: String(cString: strerror(errno)))
  }

  /// Where the last complete line ends.
  private func endOfLastLine(_ file: FileHandle) throws -> UInt64 {
    var end = try file.seekToEnd()
    while end > 0 {
      let start = end > 4096 ? end - 4096 : 0
      try file.seek(toOffset: start)
      let chunk = try file.read(upToCount: Int(end - start)) ?? Data()
      if let newline = chunk.lastIndex(of: UInt8(ascii: "\n")) {
        return start + UInt64(newline - chunk.startIndex) + 1
      }
      end = start
    }
    return 0
  }
}
