import Glibc

/// A reply as it came over the wire.
struct RawReply: Equatable {
  let status: Int
  /// Names in lower case.
  let fields: [String: String]
  let body: String
}

/// How a connection ended where a reply was expected.
enum RawFailure: Error, Equatable {
  case refused
  /// The other side closed; what had come of the reply by then.
  case closed(String)
  case reset
  case timedOut
  /// What came is no reply.
  case garbled
}

/// A connection to the sandbox that sends the bytes it is given.
final class RawClient {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var on: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw RawFailure.refused }
  }

  deinit { close(descriptor) }

  /// False when the other side did not take all the bytes.
  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  /// Ends the sending side, and leaves the other one open.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Reads one reply, head and body.
  func reply(withoutBody: Bool = false) throws -> RawReply {
    let end = Array("\r\n\r\n".utf8)
    var headEnd = buffer.firstRange(of: end)
    while headEnd == nil {
      try fill()
      headEnd = buffer.firstRange(of: end)
    }
    let bodyStart = headEnd?.upperBound ?? 0
    let head = String(decoding: buffer[..<(headEnd?.lowerBound ?? 0)], as: UTF8.self)
    // Swift holds CR LF to be one character.
    let lines = head.split(separator: "\r\n")
    guard let start = lines.first, start.hasPrefix("HTTP/1.1 "),
      let status = Int(start.dropFirst(9).prefix(3))
    else { throw RawFailure.garbled }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].dropFirst()) : ""
    }
    let length = withoutBody ? 0 : fields["content-length"].flatMap { Int($0) } ?? 0
    while buffer.count < bodyStart + length { try fill() }
    let body = String(decoding: buffer[bodyStart..<(bodyStart + length)], as: UTF8.self)
    buffer.removeFirst(bodyStart + length)
    return RawReply(status: status, fields: fields, body: body)
  }

  /// Waits for the end of the connection; false when more bytes come.
  func isEnded() throws -> Bool {
    do {
      try fill()
      return false
    } catch RawFailure.closed {
      return true
    }
  }

  private func fill() throws {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let received = recv(descriptor, &chunk, chunk.count, 0)
    if received < 0 { throw errno == ECONNRESET ? RawFailure.reset : RawFailure.timedOut }
    if received == 0 { throw RawFailure.closed(String(decoding: buffer, as: UTF8.self)) }
    buffer += chunk[..<received]
  }
}
