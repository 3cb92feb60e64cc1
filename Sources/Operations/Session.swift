import Definitions
import Delivery
import Evaluation
import EventStore
import Foundation
import Membership
import SQLite
import Values

/// What a verb works with: the store, the definitions folder, and the instant.
public struct Session {
  public var storePath: String
  public var folder: String
  public var environment: [String: String]
  /// The instant in place of the clock.
  public var at: Instant?
  /// Destinations in place of the folder's.
  public var destinations: [DestinationDefinition]?
  /// How long to wait for another process.
  public var wait = Duration(milliseconds: 10_000)
  /// Called with a name of the work, and how much of how much is done.
  public var progress: (String, Int, Int?) -> Void = { _, _, _ in }

  public init(storePath: String, folder: String, environment: [String: String] = [:]) {
    self.storePath = storePath
    self.folder = folder
    self.environment = environment
  }

  static func clock() -> Instant {
    Instant(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
  }

  /// The frozen instant of this call.
  public var now: Instant { at ?? Self.clock() }

  func open(create: Bool = false) throws -> Store {
    try Store(path: storePath, create: create, wait: wait)
  }

  func project() throws -> Project {
    var project = try Project.checked(folder: folder, environment: environment)
    if let destinations { project.destinations = destinations }
    return project
  }

  /// The project with a definition for each trait that its destinations know users by.
  func projectWithIdentities() throws -> Project {
    var project = try project()
    project.addIdentities()
    return project
  }

  /// Runs a step on the store and puts its failures into words.
  func onStore<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      throw OperationError(storeFailure: error, path: storePath) ?? error
    }
  }
}
