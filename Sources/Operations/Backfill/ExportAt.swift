import Definitions
import EventStore
import Membership
import SQLite
import Values

extension Session {
  /// Writes the members of one definition at the session's instant, as it stands in its file, with all that
  /// is on file today: late events and merges count. Nothing is written to the store.
  ///
  /// The lines are those of `export`. Everybody is evaluated, so it takes as long as a preview.
  public func exportAtInstant(
    _ key: String, _ format: ExportFormat, write: (String) throws -> Void
  ) throws {
    let project = try project()
    let definition = try project.enabledDefinition(key)
    let now = now
    try onStore {
      let store = try open()
      let identity = try store.connection.prepare(
        "SELECT external_id, kind FROM identities WHERE id = ?")
      let since = try RunLog(store.connection).last()?.watermark ?? 0
      var members: [(id: ExactString, kind: Int, value: String)] = []
      try Histories.looking(store.connection, since: since) { watermark, names in
        var evaluator = try ProfileEvaluator(
          store.connection, project.needed(for: definition), names, upTo: watermark)
        var accounts = evaluator
        var accountValues = AccountValues()
        let isOfAccounts = definition.subject == .accounts
        let profiles =
          isOfAccounts ? try evaluator.histories.accounts() : try evaluator.histories.profiles()
        for (done, profile) in profiles.enumerated() {
          let evaluation =
            isOfAccounts
            ? try evaluator.account(profile, at: now)
            : try evaluator.user(profile, at: now) { account in
              try accountValues.values(of: account, at: now, &accounts)
            }
          progress("evaluating", done + 1, profiles.count)
          guard let value = evaluation.values.last.flatMap(MembershipSnapshot.stored),
            let row = try identity.first(
              .init(profile), read: { (ExactString($0.text(0)), Int($0.int(1))) })
          else { continue }
          members.append((row.0, row.1, value))
        }
      }
      members.sort { ($0.id, $0.kind) < ($1.id, $1.kind) }
      let lines = ExportLines(format, kinds: Set(members.map(\.kind)))
      try write(lines.head)
      for member in members { try write(lines.line(member.id.text, member.kind, member.value)) }
    }
  }
}
