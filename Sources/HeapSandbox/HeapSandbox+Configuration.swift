import Foundation
import Values

extension HeapSandbox {
  /// How much the sandbox takes.
  public enum Profile: String, CaseIterable, Sendable {
    /// Only what Heap documents.
    case strict
    /// Also what other clients report that Heap tolerates.
    case lenient
  }

  /// Where the data of an app is kept.
  public enum Region: String, CaseIterable, Sendable {
    case us
    case eu
  }

  /// What one bad item does to a bulk request. Heap does not say.
  public enum PartialBatch: String, CaseIterable, Sendable {
    /// The whole request is refused.
    case refuse
    /// The good items are applied, and the answer is 200.
    case applyValid = "apply-valid"
  }

  /// How a sandbox is set up. The host is always 127.0.0.1.
  public struct Configuration: Sendable {
    /// The port to listen on; 0 has one picked.
    public var port: UInt16
    /// The apps that exist; nil is every app id of digits. A request to another one is answered 200
    /// and discarded, as Heap does.
    public var knownApps: Set<String>?
    /// A larger body is answered 413. Heap publishes no limit; this one is the sandbox's own.
    public var maxBodyBytes: Int
    /// A file to append a line of JSON to for each request: no property, no identity.
    public var journal: String?
    /// The faults in force from the start.
    public var faults: [Fault]
    /// The time of the requests, before what `advance(by:)` adds.
    public var clock: @Sendable () -> Instant
    /// How much is taken.
    public var profile = Profile.strict
    /// What a bad item does to the others of its request.
    public var partial = PartialBatch.refuse
    /// The region that the port stands for.
    public var region = Region.us
    /// The region of an app. A request for an app of another region is answered 200 and not applied;
    /// an app that is not named here is at home everywhere.
    public var regions: [String: Region] = [:]
    /// The user property that names a user's account: Heap's "Account ID" setting, of every app. Nil
    /// is an app without the setting, whose accounts are orphans.
    public var accountIDProperty: String?
    /// How much may come in which time.
    public var limits = RateLimits()
    /// What happens to what is over a limit.
    public var limitMode = LimitMode.refuse
    /// What a 429 of a limit says about the time to wait.
    public var retryAfter = RetryAfter.seconds
    /// When given, a request that is accepted and would be answered `{}` is answered 204 or with an
    /// empty body in its place, as older clients report it: at random, by this seed and the number of
    /// the request. `OK` for accounts stays.
    public var emptyReplies: UInt64?

    public init(
      port: UInt16 = 0, knownApps: Set<String>? = nil, maxBodyBytes: Int = 1 << 20,
      journal: String? = nil, faults: [Fault] = [],
      clock: @escaping @Sendable () -> Instant = Configuration.systemClock
    ) {
      self.port = port
      self.knownApps = knownApps
      self.maxBodyBytes = maxBodyBytes
      self.journal = journal
      self.faults = faults
      self.clock = clock
    }

    /// The time of the system.
    public static let systemClock: @Sendable () -> Instant = {
      Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
  }
}

extension Rules {
  init(_ configuration: HeapSandbox.Configuration) {
    profile = configuration.profile
    partial = configuration.partial
    knownApps = configuration.knownApps.map { Set($0.map { ExactString($0) }) }
    region = configuration.region
    regions = Dictionary(
      uniqueKeysWithValues: configuration.regions.map { (ExactString($0.key), $0.value) })
  }
}
