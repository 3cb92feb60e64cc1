import Foundation
import Values

extension HeapSandbox {
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
    /// The time of the requests.
    public var clock: @Sendable () -> Instant

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
