import Glibc

/// A TCP socket by its descriptor; the one place that hands memory to the system.
///
/// Copying it copies the number only. Who opened it, or was given it, closes it once.
struct Socket: Sendable, Hashable {
  let descriptor: Int32

  /// Binds 127.0.0.1 at `port` and listens; 0 lets the system pick a port.
  static func listening(port: UInt16) throws(SandboxError) -> Socket {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let socket = Socket(descriptor: Glibc.socket(AF_INET, kind, 0))
    guard socket.descriptor >= 0 else { throw .system("socket", errno) }
    socket.set(SO_REUSEADDR, at: SOL_SOCKET)
    var address = loopback(port)
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    // Two sockets may bind one port with SO_REUSEADDR; then it is `listen` that tells.
    guard bound == 0, listen(socket.descriptor, 128) == 0 else {
      let code = errno
      socket.close()
      throw code == EADDRINUSE ? .portTaken(port) : .system("bind", code)
    }
    return socket
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  /// The port that the socket is bound to.
  var port: UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &size)
      }
    }
    return result == 0 ? UInt16(bigEndian: address.sin_port) : 0
  }

  /// What came of waiting for a connection.
  enum Arrival {
    case connection(Socket)
    case tryAgain
    case noResources
    case ended
  }

  /// Blocks until a client connects, or the socket is shut down.
  func nextConnection() -> Arrival {
    let accepted = accept(descriptor, nil, nil)
    guard accepted < 0 else {
      _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
      let socket = Socket(descriptor: accepted)
      socket.set(TCP_NODELAY, at: Int32(IPPROTO_TCP))
      return .connection(socket)
    }
    switch errno {
    case EINTR, ECONNABORTED: return .tryAgain
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .noResources
    default: return .ended
    }
  }

  /// Blocks for the next bytes, at most 64 KiB. Empty at the end of the stream and on an error.
  func receive() -> [UInt8] {
    let most = 65_536
    return [UInt8](unsafeUninitializedCapacity: most) { target, count in
      var received = -1
      repeat {
        received = recv(descriptor, target.baseAddress, most, 0)
      } while received < 0 && errno == EINTR
      count = max(0, received)
    }
  }

  /// Sends all the bytes. False when the other side is gone.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let slice = UnsafeRawBufferPointer(rebasing: rest)
        let flags = Int32(MSG_NOSIGNAL)
        let sent = Glibc.send(descriptor, slice.baseAddress, slice.count, flags)
        if sent < 0 {
          if errno == EINTR { continue }
          return false
        }
        rest = rest.dropFirst(sent)
      }
      return true
    }
  }

  /// Ends both directions, which wakes a thread that blocks on the socket.
  func interrupt() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Tells the other side that nothing more comes.
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Makes `close` send a reset in place of an orderly end.
  func resetOnClose() {
    var lingering = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
  }

  /// Bounds each later `receive`.
  func setReceiveTimeout(milliseconds: Int) {
    var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  private func set(_ option: Int32, at level: Int32) {
    var on: Int32 = 1
    setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  func close() { _ = Glibc.close(descriptor) }
}
