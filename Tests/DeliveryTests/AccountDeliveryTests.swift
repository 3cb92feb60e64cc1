import Definitions
import Delivery
import Membership
import Testing
import Values

/// Accounts, and what users get through them.
struct AccountDeliveryTests {
  /// Definitions about accounts: 11 to accounts, 12 to their users, 13 to both; 14 a trait to both.
  private func office(accountProperty: String? = "account_id") throws -> Office {
    let office = try Office(accountProperty: accountProperty)
    try office.connection.execute(
      """
      INSERT INTO definitions(id, key, kind, name, query, is_enabled, subject, recipients) VALUES
        (11, 'big', 'audience', '', '', 1, 'accounts', 'accounts'),
        (12, 'in_big', 'audience', '', '', 1, 'accounts', 'users'),
        (13, 'pro', 'audience', '', '', 1, 'accounts', 'both'),
        (14, 'seats', 'trait', '', '', 1, 'accounts', 'both')
      """)
    return office
  }

  /// A user joins an account, or says so again.
  private func join(_ office: Office, _ user: Int64, _ account: Int64, at instant: Int64) throws {
    try office.add(user, .user)
    try office.add(account, .account)
    try office.connection.run(
      "INSERT OR REPLACE INTO affiliations VALUES (?, ?, ?, ?)", .init(user), .init(account),
      .init(instant), .init(instant))
    try PendingQueue(office.connection).add(user: user, [])
  }

  /// A value of an account, noted for the account and its users.
  private func set(
    _ office: Office, _ account: Int64, _ definition: Int64, _ value: String?
  ) throws {
    try office.set(account, definition, value, kind: .account)
    try office.connection.run(
      """
      INSERT OR IGNORE INTO pending SELECT ?, 0, user, ? FROM affiliations WHERE account = ?
      """, .init(office.state.id), .init(definition), .init(account))
  }

  @Test("users get their latest account before the accounts get their properties")
  func order() throws {
    let office = try office()
    try join(office, 1, 101, at: 5)
    try join(office, 1, 102, at: 6)
    try join(office, 2, 101, at: 7)
    try set(office, 101, 11, "true")
    let report = try office.send()
    #expect(
      office.transport.requests == [
        Request(
          path: "/api/add_user_properties",
          body: """
            {"app_id":"11","users":[\
            {"identity":"user-1","properties":{"account_id":"account-102"}},\
            {"identity":"user-2","properties":{"account_id":"account-101"}}]}
            """),
        Request(
          path: "/api/add_account_properties",
          body: """
            {"app_id":"11","accounts":[{"account_id":"account-101","properties":{"big":"true"}}]}
            """),
      ])
    #expect(report.sent == 3 && report.requests == 2)
    #expect(try office.count("pending") == 0)
    #expect(try office.send().requests == 0)
  }

  @Test("each user of the account gets what is sent to users: an audience of any, a trait's latest")
  func users() throws {
    let office = try office(accountProperty: nil)
    try join(office, 1, 101, at: 5)
    try join(office, 1, 102, at: 6)
    for definition in 11...13 as ClosedRange<Int64> { try set(office, 101, definition, "true") }
    try set(office, 101, 14, "5")
    try set(office, 102, 14, "7")
    try office.send()
    #expect(
      office.transport.bodies == [
        """
        {"app_id":"11","users":[\
        {"identity":"user-1","properties":{"in_big":"true","pro":"true","seats":7}}]}
        """,
        """
        {"app_id":"11","accounts":[\
        {"account_id":"account-101","properties":{"big":"true","pro":"true","seats":5}},\
        {"account_id":"account-102","properties":{"seats":7}}]}
        """,
      ])
    // In through the other account, the user stays in.
    try set(office, 102, 13, "true")
    try set(office, 101, 13, nil)
    try office.send()
    #expect(
      office.transport.bodies.last == """
        {"app_id":"11","accounts":[{"account_id":"account-101","properties":{"pro":"false"}},\
        {"account_id":"account-102","properties":{"pro":"true"}}]}
        """)
    try set(office, 102, 13, nil)
    try office.send()
    #expect(
      office.transport.bodies.dropLast().last?.contains(#"{"pro":"false"}"#) == true)
  }

  @Test("a user who moves gets the other account's values, one without any gets them taken away")
  func moving() throws {
    let office = try office()
    try join(office, 1, 101, at: 5)
    try set(office, 101, 12, "true")
    try set(office, 101, 14, "5")
    try office.send()
    try office.connection.run("DELETE FROM affiliations")
    try office.connection.execute(
      """
      INSERT INTO pending SELECT \(office.state.id), 0, 1, value FROM json_each('[0, 12, 14]')
      """)
    try office.send()
    #expect(
      office.transport.bodies.last == """
        {"app_id":"11","users":[\
        {"identity":"user-1","properties":{"account_id":"","in_big":"false","seats":""}}]}
        """)
    #expect(try office.count("pending") == 0)
  }

  @Test("an account and a user with one id are two")
  func sameID() throws {
    let office = try office()
    try office.set(1, 1, "true", name: "x")
    try office.set(101, 11, "true", name: "x", kind: .account)
    #expect(try office.send().sent == 2)
    try office.set(101, 11, nil, kind: .account)
    try office.send()
    #expect(
      office.transport.bodies.last
        == #"{"app_id":"11","accounts":[{"account_id":"x","properties":{"big":"false"}}]}"#)
    #expect(try office.count("acknowledged", where: "identity = 'x'") == 2)
  }

  @Test("an account in doubt stays pending, a refused one is put aside, the others arrive")
  func faults() throws {
    let office = try office(accountProperty: nil)
    for account in 101...108 as ClosedRange<Int64> {
      try office.set(account, 11, "true", kind: .account)
    }
    office.transport.answers = [.unclear(reason: "reset", retryAfter: nil)]
    #expect(try office.send(attempts: 1).failure == "reset")
    #expect(try office.count("acknowledged", where: "kind = 2 AND in_doubt") == 8)
    office.transport.judge = { body in
      body.contains("account-105") ? .refused(status: 400, body: "error message") : nil
    }
    let report = try office.send()
    #expect(report.sent == 7 && report.quarantined == 1)
    #expect(
      try office.count(
        "quarantine", where: "kind = 2 AND identity = 'account-105' AND body = 'error message'")
        == 1)
    #expect(try office.send().requests == 0)
  }

  @Test("five refused accounts in one batch end the delivery")
  func manyBadAccounts() throws {
    let office = try office(accountProperty: nil)
    for account in 101...140 as ClosedRange<Int64> {
      try office.set(account, 11, "true", kind: .account)
    }
    office.transport.judge = { _ in .refused(status: 400, body: "no") }
    #expect(try office.send().failure?.hasPrefix("5 accounts of one batch") == true)
  }

  @Test("an account's id is sent as it is, and one that is too long is put aside")
  func ids() throws {
    let office = try office()
    try office.add(101, .account, name: "2016-01-01")
    try office.add(102, .account, name: String(repeating: "x", count: 256))
    try join(office, 1, 101, at: 1)
    try join(office, 2, 102, at: 1)
    try set(office, 102, 11, "true")
    let report = try office.send()
    #expect(
      office.transport.bodies == [
        """
        {"app_id":"11","users":[{"identity":"user-1","properties":{"account_id":"2016-01-01"}}]}
        """
      ])
    #expect(report.quarantined == 2)
  }

  @Test("under another name the latest account is told everybody again")
  func renamed() throws {
    let office = try office()
    try join(office, 1, 101, at: 1)
    try office.send()
    try office.edit(accountProperty: "Account ID")
    try office.send()
    #expect(office.transport.bodies.last?.contains(#"{"Account ID":"account-101"}"#) == true)
    try office.edit(accountProperty: nil)
    #expect(try office.send().requests == 0)
  }

  @Test("a definition that is sent to users no more is taken away from them")
  func fewerRecipients() throws {
    let office = try office(accountProperty: nil)
    try join(office, 1, 101, at: 1)
    try set(office, 101, 13, "true")
    try office.send()
    try office.connection.run("UPDATE definitions SET recipients = 'accounts' WHERE id = 13")
    try office.connection.run("INSERT INTO pending VALUES (?, 0, 1, 13)", .init(office.state.id))
    try office.connection.run("INSERT INTO pending VALUES (?, 2, 101, 13)", .init(office.state.id))
    try office.send()
    #expect(
      office.transport.bodies.last
        == #"{"app_id":"11","users":[{"identity":"user-1","properties":{"pro":"false"}}]}"#)
  }

  @Test("a file gets group calls")
  func file() throws {
    let office = try office()
    try join(office, 1, 101, at: 1)
    try set(office, 101, 11, "true")
    let file = DestinationDefinition(
      name: "f", target: .file(path: "/f"), booleans: .json, accountProperty: "account", path: "")
    let state = try office.connection.transaction("register") {
      try DestinationState.register(file, office.connection)
    }
    var sender = Sender(
      office.connection, try #require(state), file, office.transport,
      at: Instant(milliseconds: 0))
    #expect(try sender.send().failure == nil)
    let time = #""timestamp":"1970-01-01T00:00:00.000Z"}"#
    #expect(
      office.transport.bodies == [
        #"{"type":"identify","userId":"user-1","traits":{"account":"account-101"},"# + time + "\n",
        #"{"type":"group","groupId":"account-101","traits":{"big":true},"# + time + "\n",
      ])
  }
}
