import Synchronization
import Values

/// Heap as far as a client can tell, without the sockets: a request in, an answer out.
final class LocalHeap: Sendable {
  /// Everything that requests change.
  private struct Memory: Sendable {
    var apps: [ExactString: AppState] = [:]
    var tally = Tally()
    var log = RequestLog()
    var script: FaultScript
  }

  private let endpoints: [any Endpoint] = [UserPropertiesEndpoint()]
  private let knownApps: Set<ExactString>?
  private let firstFaults: [Fault]
  private let journal: Journal?
  private let clock: @Sendable () -> Instant
  private let memory: Mutex<Memory>

  init(_ configuration: HeapSandbox.Configuration) throws(SandboxError) {
    knownApps = configuration.knownApps.map { Set($0.map { ExactString($0) }) }
    firstFaults = configuration.faults
    clock = configuration.clock
    journal = if let path = configuration.journal { try Journal(path: path) } else { nil }
    memory = Mutex(Memory(script: FaultScript(configuration.faults)))
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
    // Reading the body takes the time, and needs nothing that is shared.
    let verdict = Verdict.on(request, to: endpoint, knownApps: knownApps)
    let now = clock()
    return memory.withLock { memory in
      let fault = memory.script.next(at: endpoint.path)
      var counts = Counts()
      var decision = RequestRecord.Decision.notApplied
      var answer = Answer(reply: endpoint.success)
      if fault?.applies ?? true {
        (decision, answer.reply) = Self.settle(verdict, of: endpoint, in: &memory, &counts)
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
        at: now, request: Self.summary(request), app: verdict.app, decision: decision,
        fault: fault?.action.name, status: answer.visibleStatus)
      note(record, counts, in: &memory)
      return answer
    }
  }

  /// Notes what came over a connection and was no request, and gives the reply.
  func refuse(_ status: Int) -> HTTPReply {
    let reply = HTTPReply.plain(status)
    let record = RequestRecord(
      at: clock(), request: nil, app: nil, decision: .malformed, fault: nil, status: status)
    var counts = Counts()
    counts[.malformed] += 1
    memory.withLock { note(record, counts, in: &$0) }
    return reply
  }

  private func turnAway(
    _ request: HTTPRequest, _ decision: RequestRecord.Decision, _ reply: HTTPReply
  ) -> Answer {
    let record = RequestRecord(
      at: clock(), request: Self.summary(request), app: nil, decision: decision, fault: nil,
      status: reply.status)
    memory.withLock { note(record, Counts(), in: &$0) }
    return Answer(reply: reply)
  }

  /// Carries out a verdict: an accepted request is applied whole, the others not at all.
  private static func settle(
    _ verdict: Verdict, of endpoint: any Endpoint, in memory: inout Memory, _ counts: inout Counts
  ) -> (RequestRecord.Decision, HTTPReply) {
    switch verdict {
    case .accepted(let update, let app):
      update.apply(to: &memory.apps[app, default: AppState()], counting: &counts)
      counts[.accepted] += 1
      counts[.items] += update.itemCount
      return (.accepted, endpoint.success)
    case .discarded:
      counts[.unknownApp] += 1
      return (.discarded, endpoint.success)
    case .refused(let rejection, _):
      counts[.rejected] += 1
      if rejection.rule == .duplicateInBatch { counts[.duplicateInBatch] += 1 }
      return (.refused(rejection), rejection.reply ?? endpoint.refusal)
    }
  }

  private func note(_ record: RequestRecord, _ counts: Counts, in memory: inout Memory) {
    let record = memory.log.add(record)
    var counts = counts
    if let journal, !journal.write(record) { counts[.journalFailures] += 1 }
    memory.tally.add(counts, app: record.app)
  }

  private static func summary(
    _ request: HTTPRequest
  ) -> (method: String, path: String, headers: [String], bytes: Int) {
    (request.method, request.path, request.fields.map(\.name), request.bodyBytes.count)
  }
}

extension LocalHeap {
  /// Puts a script in force; the numbering of the requests begins again.
  func set(_ faults: [Fault]) throws(SandboxError) {
    try check(faults)
    memory.withLock { $0.script = FaultScript(faults) }
  }

  private func check(_ faults: [Fault]) throws(SandboxError) {
    for (index, fault) in faults.enumerated() {
      if let flaw = fault.flaw(endpoints: endpoints.map(\.path)) { throw .fault(index + 1, flaw) }
    }
  }

  /// Forgets everything but the journal file; the faults are those of the start again.
  func reset() {
    memory.withLock { $0 = Memory(script: FaultScript(firstFaults)) }
  }

  /// Everything that Heap holds.
  var state: Value {
    let apps = memory.withLock { $0.apps }
    return .object([Value.Member("apps", .sortedObject(apps, \.value))])
  }

  var counters: Value { memory.withLock { $0.tally }.value }

  func requests(from number: Int) -> Value { memory.withLock { $0.log }.requests(from: number) }

  var rejects: Value { memory.withLock { $0.log }.rejects }

  /// The users of an app; nil when nobody wrote to it.
  func users(of app: String) -> [ExactString: PropertySet]? {
    memory.withLock { $0.apps[ExactString(app)]?.users }
  }
}
