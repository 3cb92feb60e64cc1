import Definitions
import Testing

@Suite struct PropertyKeyTests {
  @Test(
    "the key is the snake_case of the name",
    arguments: [
      ("Order Completed Last 30days", "order_completed_last_30days"),
      ("Orders Completed Last 30 Days", "orders_completed_last_30_days"),
      ("2FA Enabled", "2fa_enabled"),
      ("High LTV (>$500)", "high_ltv_500"), ("userSignups", "user_signups"),
      ("CStringRef", "cstring_ref"),
      ("HTTPServer", "httpserver"), ("iOS Users", "i_os_users"),
      // A digit never starts or ends a word.
      ("last30Days", "last30days"), ("a1B", "a1b"), ("30Days", "30days"),
      ("Top10 % of 3", "top10_of_3"),
      // Trimmed, and every run of other characters one _.
      ("  VIP  ", "vip"), ("--a--b--", "a_b"), ("__x__", "x"), ("Café au lait", "caf_au_lait"),
      ("naïveUser", "na_ve_user"),
      ("éA", "a"), ("aÉB", "a_b"), ("a\u{301}B", "a_b"), ("日本 VIP", "vip"), ("日本", ""), ("", ""),
      ("!", ""), ("A", "a"),
      ("already_snake_case", "already_snake_case"), ("ABCdef", "abcdef"), ("aBcD", "a_bc_d"),
    ])
  func fromName(_ name: String, _ key: String) {
    #expect(PropertyKey.from(name: name) == key)
  }

  @Test("a key made from a name is its own key")
  func idempotent() {
    for name in ["Order Completed Last 30days", "High LTV (>$500)", "iOS Users", "a1B2c"] {
      let key = PropertyKey.from(name: name)
      #expect(PropertyKey.from(name: key) == key)
      #expect(PropertyKey.problem(with: key) == nil)
    }
  }

  @Test(
    "Heap's own names and what is no name are refused",
    arguments: [
      "", "_", "___", "id", "ID", "Id", "user_id", "User_ID", "identity", "IDENTITY", "a b", "a-b",
      "a.b", "é", "a\u{301}",
      "a\n", "$a", String(repeating: "a", count: 256),
    ])
  func refused(_ key: String) {
    #expect(PropertyKey.problem(with: key) != nil)
  }

  @Test(
    "any other run of letters, digits and _ is a key",
    arguments: [
      "a", "A", "0", "_a", "a_", "ids", "user_ids", "userid", String(repeating: "a", count: 255),
    ])
  func accepted(_ key: String) {
    #expect(PropertyKey.problem(with: key) == nil)
  }
}
