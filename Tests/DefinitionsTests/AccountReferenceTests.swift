import Testing

@testable import Definitions

/// Who may refer to whom, between users and accounts.
@Suite struct AccountReferenceTests {
  struct Row: Sendable {
    let id: Diagnostic.ID
    let files: [(name: String, text: String)]
    let rendered: String
  }

  private static func file(_ name: String, _ query: String, accounts: Bool = true) -> (
    name: String, text: String
  ) {
    let type = accounts ? "type: accounts\n" : ""
    return ("\(name).audience", "---\nname: \(name)\n\(type)---\n\(query)\n")
  }

  static let mistakes: [Row] = [
    Row(
      id: .wrongSubject,
      files: [
        file("u", "event('X').count() >= 1", accounts: false), file("a", "trait('u') = true"),
      ],
      rendered: """
        error[wrong-subject]: 'u' is about users, and here accounts are asked
          --> audiences/a.audience:5:1
         5 | trait('u') = true
           | ^^^^^^^^^^ a definition of users
           = help: ask its users: ANY (trait('u') = true)

        """),
    Row(
      id: .wrongSubject,
      files: [file("b", "event('X').count() >= 1"), file("a", "ANY trait('b') = true")],
      rendered: """
        error[wrong-subject]: 'b' is about accounts, and here users are asked
          --> audiences/a.audience:5:5
         5 | ANY trait('b') = true
           |     ^^^^^^^^^^ a definition of accounts
           = help: inside ANY and ALL the user's own traits and definitions are read

        """),
    Row(
      id: .wrongSubject,
      files: [
        file("b", "event('X').count() >= 1"), file("u", "trait('b') = true", accounts: false),
        file("a", "ANY trait('u') = true"),
      ],
      rendered: """
        error[wrong-subject]: 'u' refers to accounts itself, and is not known yet when accounts \
        are evaluated
          --> audiences/a.audience:5:5
         5 | ANY trait('u') = true
           |     ^^^^^^^^^^ evaluated after the accounts
           = help: refer to definitions that ask only the user

        """),
    Row(
      id: .accountsOnly, files: [file("a", "ANY (ALL event('X').count() >= 1)")],
      rendered: """
        error[accounts-only]: ALL asks the users of an account, and here is one user already
          --> audiences/a.audience:5:5
         5 | ANY (ALL event('X').count() >= 1)
           |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ there are no users of a user
           = help: put ALL around the whole condition

        """),
  ]

  @Test("a reference that asks the wrong one is shown to the letter", arguments: mistakes)
  func shows(_ row: Row) {
    let files = row.files.map { Checked.file($0.name, $0.text) }
    let project = Project(files: files, folder: "audiences")
    #expect(project.diagnostics.map(\.id) == [row.id])
    #expect(project.diagnostics.map(\.rendered).joined() == row.rendered)
  }

  @Test("users come first, then accounts, then users who refer to accounts")
  func strata() {
    let files = [
      Self.file("u", "event('X').count() >= 1", accounts: false),
      Self.file("a", "ANY trait('u') = true AND event('X').count() >= 1"),
      Self.file("v", "trait('a') = true", accounts: false),
      Self.file("w", "trait('v') = true", accounts: false),
    ].map { Checked.file($0.name, $0.text) }
    let project = Project(files: files, folder: "audiences")
    #expect(project.diagnostics.isEmpty)
    #expect(project["u"]?.stratum == .users)
    #expect(project["a"]?.stratum == .accounts)
    #expect(project["v"]?.stratum == .usersOfAccounts)
    #expect(project["w"]?.stratum == .usersOfAccounts)
  }
}
