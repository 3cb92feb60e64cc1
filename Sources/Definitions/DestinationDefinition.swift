import Foundation
import Values

/// A `.destination` file: where changes go, and in which form.
public struct DestinationDefinition: Sendable, Equatable {
  public enum Target: Sendable, Equatable {
    /// Heap's server-side API. The app id may come from the environment, and be missing.
    case heap(appID: String?, url: String)
    /// A file of identify calls as NDJSON, one a line, appended to. The path is absolute.
    case file(path: String)
  }

  /// What Heap knows a user by.
  public enum Identity: Sendable, Equatable {
    case userID
    /// The text form of a custom trait.
    case trait(String)
  }

  /// How a boolean is sent.
  public enum Booleans: String, Sendable, CaseIterable { case string, json }

  /// What a value that went away becomes.
  public enum Absent: String, Sendable, CaseIterable {
    /// The empty string.
    case empty
    /// Nothing is sent; the destination keeps the last value.
    case keep
  }

  /// What becomes of a text that is longer than Heap takes.
  public enum LongValues: String, Sendable, CaseIterable {
    /// It is cut, and counted.
    case truncate
    /// It is put into quarantine.
    case reject
  }

  /// Whether requests keep to Heap's published limits.
  public enum Pacing: String, Sendable, CaseIterable {
    case published
    /// As fast as they are answered: for a rehearsal on this machine.
    case off
  }

  /// Whether entries to audiences and exits from them are told as events.
  public enum Events: String, Sendable, CaseIterable { case on, off }

  /// The file's name without its extension.
  public let name: String
  public let target: Target
  public let identity: Identity
  public let booleans: Booleans
  public let absent: Absent
  public let longValues: LongValues
  /// The user property that holds the id of the user's latest account; nil when none is sent.
  public let accountProperty: String?
  public let events: Events
  /// The time between two batches; nil when every run sends.
  public let every: Duration?
  public let pacing: Pacing
  public let path: String
  /// The file and its `type:`, for what is wrong with the destination as a whole.
  let source: SourceText?
  let typeRange: SourceRange

  public init(
    name: String, target: Target, identity: Identity = .userID, booleans: Booleans = .string,
    absent: Absent = .empty, longValues: LongValues = .truncate, accountProperty: String? = nil,
    events: Events = .off, every: Duration? = nil, pacing: Pacing = .published, path: String
  ) {
    self.init(
      name: name, target: target, identity: identity, booleans: booleans, absent: absent,
      longValues: longValues, accountProperty: accountProperty, events: events, every: every,
      pacing: pacing,
      path: path, source: nil, typeRange: 0..<0)
  }

  init(
    name: String, target: Target, identity: Identity, booleans: Booleans, absent: Absent,
    longValues: LongValues, accountProperty: String?, events: Events, every: Duration?,
    pacing: Pacing,
    path: String, source: SourceText?, typeRange: SourceRange
  ) {
    self.name = name
    self.target = target
    self.identity = identity
    self.booleans = booleans
    self.absent = absent
    self.longValues = longValues
    self.accountProperty = accountProperty
    self.events = events
    self.every = every
    self.pacing = pacing
    self.path = path
    self.source = source
    self.typeRange = typeRange
  }

  /// Heap's ids are digits; one that is not would be accepted and its data lost.
  public static func isAppID(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
  }

  /// What this destination's state belongs to: what it talks to, not what it is called.
  ///
  /// Nil while the app id is missing: then there is nothing yet to keep a state about.
  public var fingerprint: String? {
    let identity =
      switch self.identity {
      case .userID: "user_id"
      case .trait(let name): "trait " + name
      }
    return switch target {
    case .heap(let appID, let url): appID.map { "heap \(url) \($0) \(identity)" }
    case .file(let path): "file \(path) \(identity)"
    }
  }
}
