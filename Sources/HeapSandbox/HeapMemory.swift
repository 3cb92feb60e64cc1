import Values

/// Everything that requests change.
struct HeapMemory: Sendable {
  var apps: [ExactString: AppState] = [:]
  var tally = Tally()
  var log = RequestLog()
  var script: FaultScript
  var snapshots = Snapshots()
  /// What the clock was put forward by.
  var advance = Duration.zero
  private let configuration: HeapSandbox.Configuration
  private var limiter: RateLimiter

  init(_ configuration: HeapSandbox.Configuration) {
    self.configuration = configuration
    script = FaultScript(configuration.faults)
    limiter = RateLimiter(configuration.limits)
  }

  var now: Instant { configuration.clock() + advance }

  /// Carries out a verdict: what is accepted is applied, the rest not at all.
  mutating func settle(
    _ verdict: Verdict, of endpoint: any Endpoint, at now: Instant, counting counts: inout Counts
  ) -> (RequestRecord.Decision, HTTPReply) {
    switch verdict {
    case .accepted(let update, let app):
      if configuration.limitMode == .refuse,
        let wait = limiter.refusal(of: update, to: endpoint.path, app: app, at: now)
      {
        counts[.rejectedByLimit] += 1
        return (.limited, limitReply(wait, at: now))
      }
      return (apply(update, to: app, endpoint, at: now, &counts), success(of: endpoint))
    case .discarded:
      counts[.unknownApp] += 1
      return (.discarded, success(of: endpoint))
    case .misrouted:
      counts[.misrouted] += 1
      return (.misrouted, success(of: endpoint))
    case .refused(let rejection, _):
      counts[.rejected] += 1
      if rejection.rule == .duplicateInBatch { counts[.duplicateInBatch] += 1 }
      return (.refused(rejection), rejection.reply ?? endpoint.refusal)
    }
  }

  private mutating func apply(
    _ update: Update, to app: ExactString, _ endpoint: any Endpoint, at now: Instant,
    _ counts: inout Counts
  ) -> RequestRecord.Decision {
    var calls = update.calls
    if configuration.limitMode == .drop {
      calls = limiter.admitted(of: update, to: endpoint.path, app: app, at: now)
    }
    let arrival = AppState.Arrival(
      app: app, at: now, hasAccountSetting: configuration.accountIDProperty != nil)
    for call in calls {
      apps[app, default: AppState()].apply(call, arrival, counting: &counts)
    }
    let dropped = update.calls.count - calls.count
    counts += update.counts
    counts[.accepted] += 1
    counts[.droppedByLimit] += dropped
    counts[.rejectedItems] += update.rejections.count
    counts[.duplicateInBatch] += update.rejections.count { $0.rule == .duplicateInBatch }
    return .accepted(but: update.rejections, dropped: dropped)
  }

  private func limitReply(_ wait: Duration, at now: Instant) -> HTTPReply {
    switch configuration.retryAfter {
    case .absent: .plain(429)
    case .seconds: .plain(429, fields: ["Retry-After: \((wait.milliseconds + 999) / 1000)"])
    case .date: .plain(429, fields: ["Retry-After: " + (now + wait).httpDate])
    }
  }

  private func success(of endpoint: any Endpoint) -> HTTPReply {
    guard let seed = configuration.emptyReplies, endpoint.success == .json(200, "{}") else {
      return endpoint.success
    }
    let isBare = mixed(seed &+ UInt64(log.last + 1)) & 1 == 0
    return isBare ? .plain(204) : .text(200, "")
  }
}

/// A number with its bits well mixed.
///
/// Source: Sebastiano Vigna, SplitMix64.
private func mixed(_ number: UInt64) -> UInt64 {
  var bits = number &+ 0x9E37_79B9_7F4A_7C15
  bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
  return bits ^ bits >> 31
}

/// States that were put aside to be compared with; the latest sixteen.
struct Snapshots: Sendable {
  private var states: [Int: [ExactString: AppState]] = [:]
  private var last = 0

  /// Puts a state aside under the next number, from 1.
  mutating func add(_ apps: [ExactString: AppState]) -> Int {
    last += 1
    states[last] = apps
    states[last - 16] = nil
    return last
  }

  subscript(number: Int) -> [ExactString: AppState]? { states[number] }
}
