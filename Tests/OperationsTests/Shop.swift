import Foundation
import Membership
import Operations
import Values

/// A small shop: who bought on which days of 2023.
enum Shop {
  static let day: Int64 = 86_400_000
  static let start: Int64 = 1_672_531_200_000

  static func order(_ user: String, _ day: Int64, _ id: String) -> String {
    let time = Instant(milliseconds: start + day * Self.day)
    return """
      {"type":"track","event":"Bought","messageId":"\(id)","userId":"\(user)","timestamp":"\(time)"}

      """
  }

  /// A place with four orders, and an audience of those who bought within ten days.
  static func open() throws -> Workplace {
    let query = "event('Bought').within(10 days).count() >= 1"
    let place = try Workplace([("recent.audience", "---\nname: Recent\n---\n\(query)\n")])
    try place.ingest(
      order("ann", 2, "1") + order("bob", 5, "2") + order("ann", 8, "3") + order("cai", 30, "4"))
    return place
  }

  /// From one day of the year to another, the first being 0.
  static func days(_ from: Int64, _ to: Int64) -> Range<Int64> {
    (start + from * day)..<(start + to * day)
  }
}

extension Workplace {
  @discardableResult
  func backfill(
    _ range: Range<Int64>, _ keys: [String] = [], isFull: Bool = false, threads: Int? = nil,
    at now: Int64? = nil
  ) throws -> BackfillReport {
    var session = session
    session.at = Instant(milliseconds: now ?? range.upperBound)
    var options = BackfillOptions(
      from: Instant(milliseconds: range.lowerBound), to: Instant(milliseconds: range.upperBound))
    options.keys = keys
    options.isFull = isFull
    options.threads = threads
    return try session.backfill(options)
  }

  /// Whose, since and until in days of the shop, to a thousandth.
  func spellsInDays() throws -> [[String]] {
    try rows(
      """
      SELECT i.external_id, (s.since - \(Shop.start)) / 86400000.0,
        (s.until - \(Shop.start)) / 86400000.0
      FROM spells AS s JOIN identities AS i ON i.id = s.profile ORDER BY 1, 2
      """
    ).map { [$0[0]] + $0[1...].map { String(format: "%.3f", Double($0) ?? -1) } }
  }
}
