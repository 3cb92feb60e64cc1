import Values

/// A strict local Heap over HTTP on 127.0.0.1, to rehearse against.
///
/// Whatever the real Heap might refuse, drop or store otherwise than meant is refused here with the
/// documented reply; the true reason is to be seen in `rejects` and on the pages under `/__/`.
/// Everything is held in memory, and the journal file has a line for each request.
public final class HeapSandbox: Sendable {
  private let heap: LocalHeap
  private let server: Server

  /// Binds the port; `start` begins to answer.
  ///
  /// - Throws: `SandboxError`, for example when the port is taken.
  public init(_ configuration: Configuration) throws(SandboxError) {
    let heap = try LocalHeap(configuration)
    let pages = QueryPages(heap)
    self.heap = heap
    server = try Server(
      port: configuration.port, bodyLimit: configuration.maxBodyBytes, cuts: { heap.cuts($0) },
      answer: { request in
        request.path.hasPrefix(QueryPages.prefix) ? pages.answer(request) : heap.answer(request)
      },
      refuse: { heap.refuse($0) })
  }

  /// The port that it listens on.
  public var port: UInt16 { server.port }

  /// `http://127.0.0.1:PORT`, without a slash at the end.
  public var url: String { "http://127.0.0.1:\(port)" }

  /// Begins to answer, on threads of its own, until `stop`. A second call does nothing, and neither
  /// does one after `stop`.
  public func start() { server.start() }

  /// Closes the port and the connections, and returns when no request is under way any more. What
  /// was written can still be read. A second call does nothing.
  public func stop() { server.stop() }

  /// Everything that Heap holds, as `/__/state.json` prints it: keys and ids sorted by scalars, so
  /// that equal states give equal bytes.
  public func state() -> Value { heap.state }

  /// The counters of each app and of all together, as `/__/counters` prints them.
  public func counters() -> Value { heap.counters }

  /// The properties of a user, sorted by key; nil when the app has no such user.
  public func properties(app: String, identity: String) -> Value? {
    heap.app(app)?.users[ExactString(identity)]?.properties
  }

  /// The last requests to anything but the pages under `/__/`, from that number on.
  public func requests(from number: Int = 1) -> Value { heap.requests(from: number) }

  /// The last refusals and their reasons.
  public func rejects() -> Value { heap.rejects }

  /// Puts a script of faults in force in place of the one before; requests are counted anew.
  ///
  /// - Throws: `SandboxError.fault` with the first rule that is none; the old script stays then.
  public func setFaults(_ faults: [Fault]) throws(SandboxError) { try heap.set(faults) }

  /// Puts the clock forward, so that the windows of the limits move on without anybody waiting; a
  /// hundred years at most in all.
  ///
  /// - Returns: the time that the clock shows then.
  @discardableResult
  public func advance(by duration: Duration) -> Instant { heap.advance(by: duration) }

  /// Sends the replies that a `delay` holds back by now, whatever is left of their time.
  public func release() { server.release() }

  /// Puts the state aside to be compared with; the latest sixteen are kept.
  ///
  /// - Returns: the number of the snapshot, from 1.
  public func snapshot() -> Int { heap.snapshot() }

  /// What differs in the state since a snapshot: an array of `{"path": [key, …], "before": …,
  /// "after": …}`, sorted; what came has no `before`, what went away no `after`. Nil when there is no
  /// snapshot of that number any more.
  public func differences(from snapshot: Int) -> Value? { heap.differences(from: snapshot) }

  /// Forgets users, accounts, events, counters, requests, refusals, snapshots and what was used of
  /// the limits; the faults and the clock are the configuration's again.
  public func reset() { heap.reset() }
}
