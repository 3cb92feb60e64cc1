import Testing
import Values

@testable import Definitions

/// What definitions about accounts and destinations ask of each other.
@Suite struct AccountDestinationTests {
  private static func project(_ definition: String, _ destination: String) -> Project {
    Project(
      files: [
        Checked.file("a.trait", "---\nname: A\n\(definition)---\ntrait('plan')\n"),
        Checked.file("heap.destination", "---\n\(destination)\n---\n"),
      ], folder: "audiences")
  }

  @Test("accounts that are sent need the property that ties users to them")
  func missing() throws {
    let project = Self.project("type: accounts\n", "app_id: 11\ntype: heap")
    #expect(!project.isValid)
    #expect(
      try #require(project.diagnostics.first).rendered == """
        error[missing-setting]: accounts are sent, and Heap cannot tell whose they are
          --> audiences/heap.destination:3:7
         3 | type: heap
           |       ^^^^ there is no 'account_property:'
           = help: add 'account_property: NAME', the user property that is the Account ID in Heap's settings

        """)
  }

  @Test(
    "it is not needed where no account is sent to Heap",
    arguments: [
      ("", "type: heap"), ("type: accounts\nenabled: false\n", "type: heap"),
      ("type: accounts\nsend: users\n", "type: heap"),
      ("type: accounts\n", "type: file\npath: x"),
      ("type: accounts\n", "type: heap\naccount_property: account_id"),
    ])
  func notNeeded(_ definition: String, _ destination: String) {
    #expect(Self.project(definition, destination).diagnostics.isEmpty)
  }

  @Test(
    "it has a name that Heap takes",
    arguments: ["", "ID", "user_id", "Identity", String(repeating: "x", count: 512)])
  func badName(_ name: String) {
    let project = Self.project("", "type: heap\naccount_property: \(name)")
    #expect(project.diagnostics.map(\.id) == [.badSetting])
    #expect(Self.project("", "type: heap\naccount_property: Konto-Nr. Ä").isValid)
    let long = String(repeating: "x", count: 511)
    #expect(Self.project("", "type: heap\naccount_property: \(long)").isValid)
  }

  @Test("a definition that users get may not have its name, or one that its objects could make")
  func clash() {
    for name in ["a", "a.b"] {
      let destination = "type: heap\naccount_property: \(name)"
      #expect(Self.project("", destination).diagnostics.map(\.id) == [.duplicateKey])
      #expect(Self.project("type: accounts\nsend: both\n", destination).isValid == false)
      #expect(Self.project("type: accounts\n", destination).isValid)
    }
  }

  @Test("who gets the values of a definition is read")
  func recipients() {
    let property = "type: heap\naccount_property: x"
    func recipients(_ front: String) -> Definition.Recipients? {
      Self.project(front, property).definitions.first?.recipients
    }
    #expect(recipients("") == .users)
    #expect(recipients("type: accounts\n") == .accounts)
    #expect(recipients("type: accounts\nsend: users\n") == .users)
    #expect(recipients("type: accounts\nsend: both\n") == .both)
    #expect(Self.project("send: both\n", property).diagnostics.map(\.id) == [.badSetting])
    #expect(
      Self.project("type: accounts\nsend: all\n", property).diagnostics.map(\.message) == [
        "'send' must be users, accounts or both"
      ])
  }

  @Test("users may be known by a custom trait, and not by a definition")
  func identity() throws {
    let project = Self.project("", "type: heap\napp_id: 1\nidentity: trait e'mail.work")
    #expect(project.isValid)
    let destination = try #require(project.destinations.first)
    #expect(destination.identity == .trait("e'mail.work"))
    #expect(destination.fingerprint?.hasSuffix(" trait e'mail.work") == true)
    var withIdentity = project
    withIdentity.addIdentities()
    let definition = try #require(withIdentity.definitions.last)
    #expect(definition.isIdentity && definition.key == "identity trait e'mail.work")
    #expect(definition.canonicalText == "trait users: trait(\"e'mail.work\")")
    #expect(!Self.project("", "type: heap\nidentity: trait a").isValid)
    #expect(!Self.project("", "type: heap\nidentity: trait a.b").isValid)
  }

  @Test("a warning says that no user has an account, where accounts are told")
  func withoutUsers() {
    let project = Self.project("type: accounts\n", "type: heap\naccount_property: account_id")
    #expect(project.accountTraps(hasUsers: true).isEmpty)
    let traps = project.accountTraps(hasUsers: false)
    #expect(traps.map(\.id) == [.accountsWithoutUsers])
    #expect(traps.first?.severity == .warning && traps.first?.line == 2)
    #expect(Self.project("", "type: heap").accountTraps(hasUsers: false).isEmpty)
  }
}
