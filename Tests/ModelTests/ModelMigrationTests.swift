import EventStore
import Foundation
import Membership
import SQLite
import Testing
import Values

/// A store of version 2, opened by this one.
@Suite struct ModelMigrationTests {
  @Test("its views show merged ids, and its models run")
  func migrates() throws {
    let shop = try Shop([("m.sql", SendingTests.users)])
    try FileManager.default.removeItem(atPath: shop.session.storePath)
    let old = try Connection(path: shop.session.storePath, mode: .create)
    try Migration(
      applicationID: 0x526F_6C6C,
      scripts: [
        EventStoreSchema.version1 + MembershipSchema.version1,
        EventStoreSchema.messagesVersion2 + EventStoreSchema.historiesVersion2
          + MembershipSchema.version2,
      ]
    ).apply(to: old, readOnly: false)
    try old.execute(
      """
      INSERT INTO names VALUES (50, 'Bought');
      INSERT INTO identities VALUES (1, 0, 'ann'), (2, 0, 'old');
      INSERT INTO links VALUES (2, 1, 1);
      INSERT INTO events(type, event, user, time, message_hash, body)
        VALUES (0, 50, 2, 0, 1, '{"messageId":"m","properties":{"v":3}}');
      """)
    _ = try shop.session.status()
    #expect(try shop.rows("PRAGMA user_version") == ["9"])
    #expect(try shop.rows("SELECT user_id, canonical_user_id FROM event_log") == ["old ann"])
    #expect(try shop.rows("SELECT user_id FROM users") == ["ann"])
    shop.session.at = Shop.day(2)
    let report = try #require(try shop.session.modelPreview("m"))
    #expect(report.sample.map(\.identity) == ["old"])
  }
}
