/// Keeps requests within limits of so many in so many seconds.
///
/// Source: Heap's server-side API reference. A limit is a sliding window: what was sent counts until
/// its seconds are over, measured from the answer, which is the later end. Times are seconds on any
/// clock that does not go back.
public struct Pace: Sendable {
  /// One published limit.
  public struct Limit: Sendable, Equatable {
    public enum Scope: Sendable { case identity, app }
    /// What is counted: requests that name an identity, or the items in them.
    public enum Measure: Sendable { case requests, items }

    public let count: Int
    public let seconds: Double
    public let scope: Scope
    public let measure: Measure

    /// 30 requests in 30 seconds for each identity.
    public static let propertiesOfIdentity = Limit(
      count: 30, seconds: 30, scope: .identity, measure: .requests)
    /// 1,000 events a minute for each identity.
    public static let eventsOfIdentity = Limit(
      count: 1000, seconds: 60, scope: .identity, measure: .items)
    /// 15,000 events a minute for an app.
    public static let eventsOfApp = Limit(
      count: 15_000, seconds: 60, scope: .app, measure: .items)

    /// What a request with these identities, one an item, uses up, by whom it is counted for.
    func costs(_ identities: [String]) -> [String: Int] {
      guard scope == .identity else {
        return ["": measure == .items ? identities.count : 1]
      }
      var costs: [String: Int] = [:]
      for identity in identities {
        costs[identity] = measure == .items ? costs[identity, default: 0] + 1 : 1
      }
      return costs
    }
  }

  private var windows: [Window]

  public init(_ limits: [Limit]) { windows = limits.map(Window.init) }

  /// Seconds to wait before a request with these identities, one an item.
  public mutating func delay(_ identities: [String], at now: Double) -> Double {
    var delay = 0.0
    for place in windows.indices {
      delay = max(delay, windows[place].delay(identities, at: now))
    }
    return delay
  }

  /// Notes a request with these identities, answered now.
  public mutating func note(_ identities: [String], at now: Double) {
    for place in windows.indices { windows[place].note(identities, at: now) }
  }

  private struct Window: Sendable {
    let limit: Limit
    /// What was used, the oldest first, from `first` on.
    private var uses: [(at: Double, costs: [String: Int])] = []
    private var first = 0
    private var totals: [String: Int] = [:]

    init(_ limit: Limit) { self.limit = limit }

    mutating func delay(_ identities: [String], at now: Double) -> Double {
      forget(until: now)
      var end = now
      for (key, cost) in limit.costs(identities) {
        let total = totals[key, default: 0]
        // What alone is more than the limit goes when nothing else counts.
        var excess = min(total, total + cost - limit.count)
        for use in uses[first...] where excess > 0 {
          guard let freed = use.costs[key] else { continue }
          excess -= freed
          end = max(end, use.at + limit.seconds)
        }
      }
      return end - now
    }

    mutating func note(_ identities: [String], at now: Double) {
      let costs = limit.costs(identities)
      uses.append((now, costs))
      totals.merge(costs, uniquingKeysWith: +)
    }

    private mutating func forget(until now: Double) {
      while first < uses.count, uses[first].at + limit.seconds <= now {
        for (key, cost) in uses[first].costs {
          let rest = totals[key, default: 0] - cost
          totals[key] = rest > 0 ? rest : nil
        }
        uses[first].costs = [:]
        first += 1
      }
      if first > 1000 {
        uses.removeFirst(first)
        first = 0
      }
    }
  }
}
