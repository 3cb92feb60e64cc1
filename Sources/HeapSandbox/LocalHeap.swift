import Synchronization
import Values

/// Heap as far as a client can tell, without the sockets: a request in, an answer out.
final class LocalHeap: Sendable {
  private let endpoints: [any Endpoint] = [
    TrackEndpoint(), UserPropertiesEndpoint(), AccountPropertiesEndpoint(), IdentifyEndpoint(),
  ]
  private let configuration: HeapSandbox.Configuration
  private let rules: Rules
  private let journal: Journal?
  private let memory: Mutex<HeapMemory>

  init(_ configuration: HeapSandbox.Configuration) throws(SandboxError) {
    self.configuration = configuration
    rules = Rules(configuration)
    journal = if let path = configuration.journal { try Journal(path: path) } else { nil }
    memory = Mutex(HeapMemory(configuration))
    try check(configuration.faults)
  }

  /// Answers a request to one of Heap's paths, or to one that it does not have.
  func answer(_ request: HTTPRequest) -> Answer {
    guard let endpoint = endpoints.first(where: { $0.path.isExactly(request.path) }) else {
      return turnAway(request, .notFound, .plain(404))
    }
    guard request.method == "POST" else {
      return turnAway(request, .methodNotAllowed, .plain(405, fields: ["Allow: POST"]))
    }
    // Reading the body and its hash take the time, and need nothing that is shared.
    let summary = RequestRecord.Summary(request)
    let verdict = Verdict.on(request, to: endpoint, under: rules)
    return memory.withLock { memory in
      let now = memory.now
      let fault = memory.script.next(at: endpoint.path, verdict)
      var counts = Counts()
      var decision = RequestRecord.Decision.notApplied
      var answer = Answer(reply: endpoint.success)
      if fault?.applies ?? true {
        (decision, answer.reply) = memory.settle(
          verdict, of: endpoint, at: now, counting: &counts)
      } else {
        counts[.notApplied] += 1
      }
      if let fault {
        answer = fault.disguise(answer.reply, of: endpoint)
        counts[.faults] += 1
      }
      counts[.requests] += 1
      counts[.bytes] += request.bodyBytes.count
      if answer.visibleStatus == 429 { counts[.rateLimited] += 1 }
      let record = RequestRecord(
        at: now, request: summary, app: verdict.app, decision: decision,
        fault: fault?.action.name, status: answer.visibleStatus,
        propertyWrites: counts[.propertyWrites], noOpWrites: counts[.noOpPropertyWrites])
      note(record, counts, in: &memory)
      return answer
    }
  }

  /// Whether a fault ends the connection in the middle of the body of this request, of which only
  /// the head was read. Then it is counted and noted here, and no answer is asked for.
  func cuts(_ request: HTTPRequest) -> Bool {
    guard request.method == "POST", endpoints.contains(where: { $0.path.isExactly(request.path) })
    else { return false }
    return memory.withLock { memory in
      guard let fault = memory.script.nextCut(at: request.path) else { return false }
      let record = RequestRecord(
        at: memory.now, request: .init(request, isRead: false), app: nil, decision: .notApplied,
        fault: fault.action.name, status: nil)
      var counts = Counts()
      counts[.requests] += 1
      counts[.faults] += 1
      counts[.notApplied] += 1
      note(record, counts, in: &memory)
      return true
    }
  }

  /// Notes what came over a connection and was no request, and gives the reply.
  func refuse(_ status: Int) -> HTTPReply {
    var counts = Counts()
    counts[.malformed] += 1
    memory.withLock { memory in
      let record = RequestRecord(
        at: memory.now, request: nil, app: nil, decision: .malformed, fault: nil, status: status)
      note(record, counts, in: &memory)
    }
    return .plain(status)
  }

  private func turnAway(
    _ request: HTTPRequest, _ decision: RequestRecord.Decision, _ reply: HTTPReply
  ) -> Answer {
    let summary = RequestRecord.Summary(request)
    memory.withLock { memory in
      let record = RequestRecord(
        at: memory.now, request: summary, app: nil, decision: decision, fault: nil,
        status: reply.status)
      note(record, Counts(), in: &memory)
    }
    return Answer(reply: reply)
  }

  private func note(_ record: RequestRecord, _ counts: Counts, in memory: inout HeapMemory) {
    let record = memory.log.add(record)
    var counts = counts
    if let journal, !journal.write(record) { counts[.journalFailures] += 1 }
    memory.tally.add(counts, app: record.app)
  }

  private func check(_ faults: [Fault]) throws(SandboxError) {
    for (index, fault) in faults.enumerated() {
      if let flaw = fault.flaw(endpoints: endpoints.map(\.path)) { throw .fault(index + 1, flaw) }
    }
  }
}

/// What it is told and shows beside the requests.
extension LocalHeap {
  /// Puts a script in force; the numbering of the requests begins again.
  func set(_ faults: [Fault]) throws(SandboxError) {
    try check(faults)
    memory.withLock { $0.script = FaultScript(faults) }
  }

  /// Forgets everything but the journal file; faults and clock are those of the start again.
  func reset() { memory.withLock { $0 = HeapMemory(configuration) } }

  /// Puts the clock forward, and gives the time that it shows.
  func advance(by duration: Duration) -> Instant {
    memory.withLock { memory in
      let sum = memory.advance.milliseconds.addingReportingOverflow(duration.milliseconds)
      memory.advance = sum.overflow ? .longest : min(Duration(milliseconds: sum.0), .longest)
      return memory.now
    }
  }

  /// Puts the state aside, and gives its number.
  func snapshot() -> Int { memory.withLock { $0.snapshots.add($0.apps) } }

  /// What differs in the state since then; nil when there is no snapshot of that number any more.
  func differences(from number: Int) -> Value? {
    let (then, now) = memory.withLock { ($0.snapshots[number], $0.apps) }
    return then.map { Self.state($0).differences(to: Self.state(now)) }
  }

  /// Everything that Heap holds.
  var state: Value { Self.state(memory.withLock { $0.apps }) }

  private static func state(_ apps: [ExactString: AppState]) -> Value {
    .object([Value.Member("apps", .sortedObject(apps, \.value))])
  }

  var counters: Value { memory.withLock { $0.tally }.value }

  func requests(from number: Int) -> Value { memory.withLock { $0.log }.requests(from: number) }

  var rejects: Value { memory.withLock { $0.log }.rejects }

  /// What an app holds; nil when nobody wrote to it.
  func app(_ app: String) -> AppState? { memory.withLock { $0.apps[ExactString(app)] } }

  /// The accounts of an app and the users that belong to each; without the setting that ties them
  /// together, they are orphans.
  func accounts(of app: String) -> Value {
    let state = self.app(app) ?? AppState()
    guard let property = configuration.accountIDProperty else {
      return .object([
        Value.Member("accounts", .object([])),
        Value.Member("orphan_accounts", .sortedObject(state.accounts, \.account)),
      ])
    }
    let users = state.identities(by: ExactString(property))
    let accounts = state.accounts.keys.sorted().map { id in
      let attached = (users[id] ?? []).map { Value.string($0.text) }
      return Value.Member(
        id.text,
        .object([
          Value.Member("attached_users", .array(attached)),
          Value.Member("properties", state.accounts[id]?.properties ?? .object([])),
        ]))
    }
    return .object([
      Value.Member("accounts", .object(accounts)),
      Value.Member("orphan_accounts", .object([])),
    ])
  }
}
