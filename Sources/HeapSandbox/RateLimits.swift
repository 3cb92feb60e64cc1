import Values

extension HeapSandbox {
  /// So many requests or events in any span of that length.
  public struct RateLimit: Sendable, Equatable {
    public var count: Int
    public var window: Duration

    public init(_ count: Int, per window: Duration) {
      self.count = count
      self.window = window
    }
  }

  /// The limits in force for each app; nil is no limit.
  public struct RateLimits: Sendable, Equatable {
    /// The names that the limits have on the command line and in errors.
    public enum Name: String, CaseIterable, Sendable {
      case singlePerIdentity = "single_per_identity"
      case bulkEventsPerIdentity = "bulk_events_per_identity"
      case bulkEventsPerApp = "bulk_events_per_app"
      case bulkUserRequests = "bulk_user_requests"
      case bulkAccountRequests = "bulk_account_requests"
    }

    private var limits: [Name: RateLimit]

    /// Those that Heap publishes: 30 single requests in 30 seconds for an identity; of events in bulk
    /// requests 1,000 a minute for an identity and 15,000 a minute for an app. Requests with lists of
    /// users and accounts have none.
    public init() {
      let minute = Duration(milliseconds: 60_000)
      limits = [
        .singlePerIdentity: RateLimit(30, per: Duration(milliseconds: 30_000)),
        .bulkEventsPerIdentity: RateLimit(1000, per: minute),
        .bulkEventsPerApp: RateLimit(15_000, per: minute),
      ]
    }

    public subscript(name: Name) -> RateLimit? {
      get { limits[name] }
      set { limits[name] = newValue }
    }

    /// Whether single events and single users' properties share one count for an identity. Heap does
    /// not say.
    public var shareSingles = false
  }

  /// What happens to what is over a limit. Heap does not say.
  public enum LimitMode: String, CaseIterable, Sendable {
    /// The whole request is answered 429, applied not at all, and costs nothing.
    case refuse
    /// The excess is discarded item by item, and the answer is 200.
    case drop
  }

  /// The `Retry-After` of a 429. Heap publishes none.
  public enum RetryAfter: String, CaseIterable, Sendable {
    case absent
    /// Whole seconds.
    case seconds
    /// An HTTP date, by the sandbox's clock.
    case date
  }
}
