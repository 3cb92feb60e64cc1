import EventStore
import Membership
import Operations
import SQLite
import Testing
import Values

/// A store of version 2, with what destinations were owed and told.
struct DeliveryMigrationTests {
  /// Ann is a member and has two orders; bob's membership is pending, cid's in quarantine. Acme has a
  /// value that was told nobody.
  private func makeVersion2(_ place: Workplace) throws {
    let connection = try Connection(path: place.session.storePath, mode: .create)
    try Migration(
      applicationID: 0x526F_6C6C,
      scripts: [
        EventStoreSchema.version1 + MembershipSchema.version1,
        EventStoreSchema.messagesVersion2 + EventStoreSchema.historiesVersion2
          + MembershipSchema.version2,
      ]
    ).apply(to: connection, readOnly: false)
    let file = place.folder.appendingPathComponent("identify.ndjson").path
    try connection.execute(
      """
      INSERT INTO identities VALUES (1, 0, 'ann'), (2, 0, 'bob'), (3, 0, 'cid'), (4, 2, 'acme');
      INSERT INTO definitions(id, key, kind, name, query, default_value, is_enabled) VALUES
        (1, 'vip', 'audience', 'VIP', 'audience users: x', NULL, 1),
        (2, 'orders', 'trait', 'Orders', 'trait users: x', '0', 1),
        (3, 'big', 'audience', 'Big', 'audience accounts: x', NULL, 1);
      INSERT INTO members VALUES
        (1, 1, 'true', 0), (1, 2, '2', 0), (2, 1, 'true', 0), (3, 1, 'true', 0), (4, 3, 'true', 0);
      INSERT INTO destinations(id, fingerprint, name, last_batch_at)
        VALUES (1, 'file \(file) user_id', 'file', 5);
      INSERT INTO acknowledged VALUES
        (1, 'ann', 1, 'true', 0), (1, 'ann', 2, '2', 0), (1, 'bob', 1, NULL, 1);
      INSERT INTO pending VALUES (1, 2, 1);
      INSERT INTO quarantine VALUES
        (1, 3, 1, 'true', 400, 'Bad request', 7), (1, 3, 2, '4', NULL, 'the identity is blank', 7);
      """)
  }

  private func place() throws -> Workplace {
    try Workplace([("vip.audience", "---\nname: VIP\n---\nevent('Bought').count() >= 1\n")])
  }

  @Test("keeps what was told, what is pending, in doubt and in quarantine, and adds the accounts")
  func carriedOver() throws {
    let place = try place()
    try makeVersion2(place)
    let status = try #require(try place.session.status().destinations.first)
    #expect(try place.rows("PRAGMA user_version") == [["9"]])
    #expect(
      try place.rows(
        "SELECT kind, identity, definition, property, value, in_doubt FROM acknowledged")
        == [
          ["0", "ann", "1", "vip", "true", "0"], ["0", "ann", "2", "orders", "2", "0"],
          ["0", "bob", "1", "vip", "", "1"],
        ])
    #expect(
      try place.rows("SELECT kind, profile, definition FROM pending")
        == [["0", "2", "1"], ["2", "4", "3"]])
    #expect(
      try place.rows(
        """
        SELECT identity, property, profile, value, coalesce(status, ''), coalesce(body, ''), reason
        FROM quarantine
        """) == [
          ["cid", "vip", "3", "true", "400", "Bad request", "refused"],
          ["cid", "orders", "3", "4", "", "", "the identity is blank"],
        ])
    #expect(
      try place.rows("SELECT key, subject, recipients, is_identity FROM definitions ORDER BY id")
        == [
          ["vip", "users", "users", "0"], ["orders", "users", "users", "0"],
          ["big", "accounts", "accounts", "0"],
        ])
    #expect(status.inDoubt == 1 && status.quarantined == 2 && status.pending == 2)
  }

  @Test("the form of the booleans that were told is read off them")
  func encodings() throws {
    let place = try place()
    try makeVersion2(place)
    _ = try place.session.status()
    let query = "SELECT definition, encoding FROM encodings ORDER BY definition"
    #expect(try place.rows(query) == [["1", "json empty 1"], ["2", "json empty 1"]])
    // Nothing of it is another in today's form: it is taken on, and only the rest is sent.
    place.session.at = Instant(milliseconds: 10)
    let report = try #require(try place.session.send(ignoresCadence: true).first)
    #expect(report.sent == 2 && report.encodingChanges.isEmpty)
    #expect(
      try place.rows(query)
        == [["1", "json empty 2"], ["2", "json empty 2"], ["3", "json empty 2"]])
    #expect(
      try place.told() == [["user bob", "vip", "true"], ["account acme", "big", "true"]])
  }
}
