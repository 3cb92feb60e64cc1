import Definitions
import Evaluation
import EventStore
import Foundation
import Oracle
import Testing
import Values

/// The definitions of a random case, and the histories of those that they are about. Nobody has two
/// ids.
struct RandomSubject {
  let definitions: [Definition]
  let names = NameTable()
  private var users: [String: History] = [:]
  private var accounts: [String: History] = [:]
  /// By account, the first group call of each of its users.
  private var members: [String: [String: Instant]] = [:]

  /// How many cases a test takes.
  static func cases(_ usual: UInt64) -> UInt64 {
    ProcessInfo.processInfo.environment["ROLLCALL_CASES"].flatMap(UInt64.init) ?? usual
  }

  init(_ world: OracleCase) throws {
    let files = world.files().map { name, content in
      Project.File(name: name, path: name, contents: Array(content.utf8))
    }
    let project = Project(files: files, folder: "case")
    try #require(project.isValid)
    definitions = project.definitions
    var ofUsers: [String: [ProfileEvent]] = [:]
    var ofAccounts: [String: [ProfileEvent]] = [:]
    var messages: Set<String> = []
    for (row, call) in world.calls.enumerated() where messages.insert(call.messageId).inserted {
      let event = try Self.event(call, row)
      guard let user = call.userId else { continue }
      ofUsers[user, default: []].append(event)
      guard let account = call.groupId else { continue }
      ofAccounts[account, default: []].append(event)
      let since = members[account]?[user] ?? .never
      members[account, default: [:]][user] = min(since, event.time)
    }
    users = ofUsers.mapValues { History($0, names) }
    accounts = ofAccounts.mapValues { History($0, names) }
  }

  private static func event(_ call: OracleCall, _ row: Int) throws -> ProfileEvent {
    let body = try Value(json: call.line)
    let kind = try #require(Call.Kind.allCases.first { .string($0.name) == body["type"] })
    let event =
      switch kind {
      case .page: EventStoreSchema.pageViewed
      case .screen: EventStoreSchema.screenViewed
      default: body["event"].textForm ?? ""
      }
    return ProfileEvent(
      kind, event: event, time: try #require(body["timestamp"].date), row: Int64(row), body: body,
      isAnonymous: false)
  }

  func history(of subject: OracleSubject) -> SubjectHistory {
    switch subject {
    case .user(let user), .anonymous(let user):
      let affiliations = members.filter { $0.value[user] != nil }.sorted { $0.key < $1.key }
        .map { id, users in
          UserHistory.Affiliation(
            account: 0, since: users[user] ?? .never, history: account(id))
        }
      return .user(UserHistory(calls: self.users[user] ?? History(), affiliations: affiliations))
    case .account(let id): return .account(account(id))
    }
  }

  private func account(_ id: String) -> AccountHistory {
    let members = (members[id] ?? [:]).sorted { $0.key < $1.key }.map { user, since in
      AccountHistory.Member(user: 0, since: since, history: users[user] ?? History())
    }
    return AccountHistory(calls: accounts[id] ?? History(), members: members)
  }
}
