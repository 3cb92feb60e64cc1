import Foundation

/// Accepts connections and serves each on a thread of its own, until it is stopped.
///
/// The threads keep the server alive. One that was never started closes its port when it goes.
final class Server: Sendable {
  let port: UInt16
  private let listener: Socket
  private let connections = ConnectionSet()
  private let bodyLimit: Int
  private let cuts: @Sendable (HTTPRequest) -> Bool
  private let answer: @Sendable (HTTPRequest) -> Answer
  private let refuse: @Sendable (_ status: Int) -> HTTPReply

  /// Binds the port; a client may connect from now on, and waits for `start`.
  ///
  /// - Parameters:
  ///   - cuts: asked when the head of a request was read; true ends the connection within the body.
  ///   - answer: called on the connection's thread for each request, several at a time.
  ///   - refuse: called for what is no request; the connection ends after its reply.
  init(
    port: UInt16, bodyLimit: Int, cuts: @escaping @Sendable (HTTPRequest) -> Bool,
    answer: @escaping @Sendable (HTTPRequest) -> Answer,
    refuse: @escaping @Sendable (_ status: Int) -> HTTPReply
  ) throws(SandboxError) {
    listener = try Socket.listening(port: port)
    self.port = listener.port
    self.bodyLimit = bodyLimit
    self.cuts = cuts
    self.answer = answer
    self.refuse = refuse
  }

  deinit { stop() }

  func start() {
    guard connections.open(listener) else { return }
    Thread.detachNewThread { self.accept() }
  }

  func stop() {
    if connections.stop() { listener.close() }
  }

  /// Sends the replies that are held back by now.
  func release() { connections.release() }

  private func accept() {
    defer { connections.close(listener) }
    while true {
      switch listener.nextConnection() {
      case .tryAgain: continue
      case .noResources:
        guard connections.wait(milliseconds: 50) else { return }
      case .ended: return
      case .connection(let socket):
        guard connections.add(socket) else { return socket.close() }
        Thread.detachNewThread { self.serve(socket) }
      }
    }
  }

  private func serve(_ socket: Socket) {
    defer { connections.close(socket) }
    var reader = HTTPReader(socket, bodyLimit: bodyLimit, cuts: cuts)
    do throws(HTTPFailure) {
      while let request = try reader.request() {
        // Whoever sees that the request has come may have its reply released at once.
        let turn = connections.turn
        guard deliver(answer(request), to: request, over: socket, turn) else { return }
      }
    } catch {
      guard case .refused(let status) = error else { return }
      socket.send(refuse(status).bytes(closing: true))
      finish(socket)
    }
  }

  /// Sends the answer. False when the connection ends with it.
  private func deliver(
    _ answer: Answer, to request: HTTPRequest, over socket: Socket, _ turn: Int
  ) -> Bool {
    guard answer.hold == 0 || connections.wait(milliseconds: answer.hold, turn: turn) else {
      return false
    }
    var isWhole = true
    if case .tooLarge = request.body { isWhole = false }
    let closing = !request.keepsAlive || !isWhole
    let withoutBody = request.method == "HEAD"
    switch answer.delivery {
    case .whole:
      let bytes = answer.reply.bytes(closing: closing, withoutBody: withoutBody)
      guard socket.send(bytes) else { return false }
    case .dripped(let milliseconds):
      for byte in answer.reply.bytes(closing: closing, withoutBody: withoutBody) {
        guard connections.wait(milliseconds: milliseconds), socket.send([byte]) else {
          return false
        }
      }
    case .truncated:
      socket.send(answer.reply.bytes(closing: true, missing: 64))
      return false
    case .closed: return false
    case .reset:
      socket.resetOnClose()
      return false
    }
    if !isWhole { finish(socket) }
    return !closing
  }

  /// Lets a client that is still sending read its reply: to close at once would reset the connection.
  private func finish(_ socket: Socket) {
    socket.finishSending()
    socket.setReceiveTimeout(milliseconds: 500)
    var rest = 8 << 20
    while rest > 0 {
      let count = socket.receive().count
      guard count > 0 else { return }
      rest -= count
    }
  }
}

/// The sockets that are open, and whether more may be.
///
/// A socket is closed under the same lock that `stop` holds to interrupt it, so no descriptor is
/// interrupted after the system gave its number to somebody else.
private final class ConnectionSet: @unchecked Sendable {
  private enum Phase { case idle, running, stopped }

  private let condition = NSCondition()
  private var phase = Phase.idle
  private var sockets: Set<Socket> = []
  private var releases = 0

  /// How often what is held back was released.
  var turn: Int { condition.withLock { releases } }

  func release() {
    condition.withLock {
      releases += 1
      condition.broadcast()
    }
  }

  /// Begins with the listening socket. False when it had begun before.
  func open(_ listener: Socket) -> Bool {
    condition.withLock {
      guard phase == .idle else { return false }
      phase = .running
      sockets.insert(listener)
      return true
    }
  }

  /// False when it has been stopped; the socket is then the caller's to close.
  func add(_ socket: Socket) -> Bool {
    condition.withLock {
      guard phase == .running else { return false }
      sockets.insert(socket)
      return true
    }
  }

  func close(_ socket: Socket) {
    condition.withLock {
      sockets.remove(socket)
      socket.close()
      condition.broadcast()
    }
  }

  /// Waits out the time, or until the turn is over. False when stopped in the meantime.
  func wait(milliseconds: Int, turn: Int? = nil) -> Bool {
    condition.withLock {
      let end = Date(timeIntervalSinceNow: Double(milliseconds) / 1000)
      while phase == .running, turn ?? releases == releases, condition.wait(until: end) {}
      return phase == .running
    }
  }

  /// Interrupts every socket and waits until all are closed. True when it had never begun.
  func stop() -> Bool {
    condition.withLock {
      let wasIdle = phase == .idle
      phase = .stopped
      for socket in sockets { socket.interrupt() }
      condition.broadcast()
      while !sockets.isEmpty { condition.wait() }
      return wasIdle
    }
  }
}
