import Foundation
import Operations
import Values

/// A workplace where users order things on chosen days, with one audience or more over them.
final class GuardedPlace {
  let place: Workplace
  private var calls = 0

  static let day: Int64 = 86_400_000
  /// 2026-01-01.
  static let start: Int64 = 1_767_225_600_000

  init(_ query: String = "event('Ordered').within(30 days).count() >= 1", front: String = "") throws
  {
    place = try Workplace([])
    try define("buyers", query, front: front)
  }

  func define(_ name: String, _ query: String, front: String = "") throws {
    let kind = query.hasSuffix("count()") ? "trait" : "audience"
    try place.write("\(name).\(kind)", "---\nname: \(name)\n\(front)---\n\(query)\n")
  }

  func remove(_ file: String) throws {
    try FileManager.default.removeItem(atPath: place.session.folder + "/" + file)
  }

  /// Each of these users orders, so many days after the start.
  func order(_ users: Range<Int>, day: Int64) throws {
    let time = Instant(milliseconds: Self.start + day * Self.day)
    try place.ingest(
      users.map { user in
        calls += 1
        return "{\"type\":\"track\",\"event\":\"Ordered\",\"messageId\":\"m\(calls)\","
          + "\"userId\":\"u\(user)\",\"timestamp\":\"\(time)\"}\n"
      }.joined())
  }

  /// A run that delivers, so many days after the start.
  @discardableResult
  func run(day: Int64, minute: Int64 = 0, isFull: Bool = false) throws -> RunReport {
    try place.run(
      at: Self.start + day * Self.day + minute * 60_000, isFull: isFull, sends: true)
  }

  /// What is held at the file destination: `key reason changes`.
  func held(_ report: RunReport) -> [String] {
    report.destinations.flatMap(\.holds).map { "\($0.key) \($0.reason.rawValue) \($0.changes)" }
  }

  /// How many the destination has as members of a definition.
  func told(_ key: String = "buyers") throws -> Int {
    try place.told().filter { $0[1] == key && $0[2] != "false" }.count
  }
}
