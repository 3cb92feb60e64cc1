import Values

/// Holds requests against the limits, over sliding windows.
struct RateLimiter: Sendable {
  /// What is counted together.
  private enum Bucket: Hashable {
    /// The path is nil where the endpoints share one count.
    case single(path: String?, ExactString, Subject)
    case eventsOfIdentity(ExactString, Subject)
    case eventsOfApp(ExactString)
    case userRequests(ExactString)
    case accountRequests(ExactString)

    var limit: HeapSandbox.RateLimits.Name {
      switch self {
      case .single: .singlePerIdentity
      case .eventsOfIdentity: .bulkEventsPerIdentity
      case .eventsOfApp: .bulkEventsPerApp
      case .userRequests: .bulkUserRequests
      case .accountRequests: .bulkAccountRequests
      }
    }
  }

  private let limits: HeapSandbox.RateLimits
  private var windows: [Bucket: SlidingWindow] = [:]
  /// At so many windows those that have run empty are let go.
  private var sweepAt = 1024

  init(_ limits: HeapSandbox.RateLimits) { self.limits = limits }

  /// Counts a request when it is within every limit. Otherwise nothing is counted, and this is how
  /// long it must wait: until it would fit, if nothing else came.
  mutating func refusal(
    of update: Update, to path: String, app: ExactString, at now: Instant
  ) -> Duration? {
    var charges: [Bucket: Int] = [:]
    for bucket in buckets(ofRequest: update, app) { charges[bucket, default: 0] += 1 }
    for call in update.calls {
      for bucket in buckets(of: call, in: update, path, app) { charges[bucket, default: 0] += 1 }
    }
    var wait: Duration?
    for (bucket, count) in charges {
      guard let limit = limits[bucket.limit] else { continue }
      if let more = windows[bucket, default: SlidingWindow()].wait(for: count, limit, at: now) {
        wait = max(wait ?? more, more)
      }
    }
    if wait == nil {
      for (bucket, count) in charges { charge(bucket, count, at: now) }
      sweep(at: now)
    }
    return wait
  }

  /// Counts what is within every limit, item by item, and gives those items.
  mutating func admitted(
    of update: Update, to path: String, app: ExactString, at now: Instant
  ) -> [Call] {
    guard admit(buckets(ofRequest: update, app), at: now) else { return [] }
    let calls = update.calls.filter { admit(buckets(of: $0, in: update, path, app), at: now) }
    sweep(at: now)
    return calls
  }

  private mutating func admit(_ buckets: [Bucket], at now: Instant) -> Bool {
    for bucket in buckets {
      guard let limit = limits[bucket.limit] else { continue }
      let wait = windows[bucket, default: SlidingWindow()].wait(for: 1, limit, at: now)
      guard wait == nil else { return false }
    }
    for bucket in buckets { charge(bucket, 1, at: now) }
    return true
  }

  private func buckets(ofRequest update: Update, _ app: ExactString) -> [Bucket] {
    guard update.isBulk else { return [] }
    return switch update.calls.first {
    case .user: [.userRequests(app)]
    case .account: [.accountRequests(app)]
    case .event, .identify, nil: []
    }
  }

  private func buckets(
    of call: Call, in update: Update, _ path: String, _ app: ExactString
  ) -> [Bucket] {
    switch call {
    case .event where update.isBulk:
      [.eventsOfIdentity(app, call.subject), .eventsOfApp(app)]
    case .event, .user:
      update.isBulk ? [] : [.single(path: limits.shareSingles ? nil : path, app, call.subject)]
    case .account, .identify: []
    }
  }

  private mutating func charge(_ bucket: Bucket, _ count: Int, at now: Instant) {
    guard limits[bucket.limit] != nil else { return }
    windows[bucket, default: SlidingWindow()].add(count, at: now)
  }

  private mutating func sweep(at now: Instant) {
    guard windows.count >= sweepAt else { return }
    windows = windows.filter { bucket, window in
      limits[bucket.limit].map { window.isUsed(within: $0.window, at: now) } ?? false
    }
    sweepAt = max(1024, 2 * windows.count)
  }
}

/// What was counted in the last while, oldest first.
struct SlidingWindow: Sendable {
  private var entries: [(at: Instant, count: Int)] = []
  /// Where the entries begin that still count.
  private var start = 0
  private var total = 0

  /// How long `count` more must wait to be within the limit; nil when they are. What can never be
  /// within it waits for a whole window.
  mutating func wait(
    for count: Int, _ limit: HeapSandbox.RateLimit, at now: Instant
  ) -> Duration? {
    prune(limit.window, at: now)
    guard total + count > limit.count else { return nil }
    var excess = total + count - limit.count
    for entry in entries[start...] {
      excess -= entry.count
      if excess <= 0 { return entry.at + limit.window - now }
    }
    return limit.window
  }

  mutating func add(_ count: Int, at now: Instant) {
    entries.append((now, count))
    total += count
  }

  func isUsed(within window: Duration, at now: Instant) -> Bool {
    entries.last.map { now < $0.at + window } ?? false
  }

  /// Lets go of what is a whole window old: the window holds the instants after `now - window`.
  private mutating func prune(_ window: Duration, at now: Instant) {
    while start < entries.count, entries[start].at + window <= now {
      total -= entries[start].count
      start += 1
    }
    if start > 32, start > entries.count / 2 {
      entries.removeFirst(start)
      start = 0
    }
  }
}
