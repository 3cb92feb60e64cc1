import Definitions
import EventStore
import Foundation
import SQLite
import Values

/// What a folder of definitions looks like.
public struct CheckReport: Sendable {
  public let project: Project
  /// Everything that is wrong or doubtful, by file and place; what is not portable comes last.
  public let diagnostics: [Diagnostic]
  /// Why the warnings that need the store are not among them; nil when they are, when there is no
  /// store, and when the definitions are wrong anyway.
  public let leftOut: OperationError?
}

extension Session {
  /// Reads all definitions, and has SQLite check the models. Where there is a store, and nothing is wrong, they are held against it.
  ///
  /// The store is only read, in bounded time, and a store that cannot be read is no failure.
  ///
  /// - Parameter portable: whether what Segment would refuse is listed, too.
  public func check(portable: Bool = false) -> CheckReport {
    let project = Project.read(folder: folder, environment: environment)
    var traps: [Diagnostic] = []
    var leftOut: OperationError?
    if project.isValid {
      do {
        traps = try storeTraps(project)
      } catch {
        leftOut = error
      }
    }
    return CheckReport(
      project: project,
      diagnostics: (project.diagnostics + traps).inOrder + (portable ? project.unportable : []),
      leftOut: leftOut)
  }

  /// The warnings of all definitions that need the store; none without a store.
  private func storeTraps(_ project: Project) throws(OperationError) -> [Diagnostic] {
    guard FileManager.default.fileExists(atPath: storePath) else { return [] }
    let store = try Store(lookingAt: storePath, wait: wait)
    do {
      return try store.connection.snapshot {
        try project.traps(of: project.definitions, in: store.connection, at: now)
          + project.accountTraps(hasUsers: Affiliations.areAny(store.connection))
      }
    } catch {
      throw OperationError(storeFailure: error, path: storePath)
        ?? OperationError(.store, "the store '\(storePath)' cannot be read")
    }
  }
}

extension Project {
  /// What definitions say that the events of a store do not bear out; nothing when it has none.
  func traps(
    of definitions: [Definition], in connection: Connection, at now: Instant
  ) throws -> [Diagnostic] {
    let wanted = wantedOfStore(by: definitions)
    guard !wanted.isEmpty, try Histories.watermark(connection) > 0 else { return [] }
    let events = try EventsOnFile(wanted, StoreSurvey(connection), at: now)
    return traps(of: definitions, in: events)
  }
}

extension EventsOnFile {
  /// Looks up what is wanted.
  fileprivate init(_ wanted: Wanted, _ survey: StoreSurvey, at now: Instant) throws {
    self.init()
    let known = try survey.eventNames().map { ExactString($0) }
    // A name may be on file and not be among the first of them.
    for name in wanted.events.union(known) where try survey.holds(event: name.text) {
      eventNames.insert(name)
    }
    for calls in wanted.calls { samples[calls] = CallSample() }
    let whole = try survey.latest(Set(wanted.calls.map(\.surveyed))) { calls, call in
      samples[calls.asked, default: CallSample()].add(call.properties, context: call.context)
    }
    for calls in whole { samples[calls.asked]?.isWhole = true }
    guard wanted.span, let found = try survey.span(upTo: now) else { return }
    span = Span(first: found.first, last: found.last, isWhole: found.isWhole)
  }
}

extension EventsOnFile.Calls {
  fileprivate var surveyed: StoreSurvey.Calls {
    switch self {
    case .events(let name): .events(of: name)
    case .identify: .identify
    case .group: .group
    }
  }
}

extension StoreSurvey.Calls {
  fileprivate var asked: EventsOnFile.Calls {
    switch self {
    case .events(let name): .events(of: name)
    case .identify: .identify
    case .group: .group
    }
  }
}
