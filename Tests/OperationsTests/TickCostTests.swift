import Operations
import Testing

@Suite("What a tick costs follows what changed")
struct TickCostTests {
  /// A store with so many users, most of whom wait for nothing, after its first run.
  private func workplace(_ users: Int) throws -> Workplace {
    let workplace = try Workplace([
      (
        "buyers.audience",
        "---\nname: Buyers\n---\nevent('Bought').within(30 days).count() >= 1\n"
      )
    ])
    let lines = (0..<users).map { line("a\($0)", "u\($0)", "Bought", minute: 0) }
    try workplace.ingest(lines.joined())
    // What is pending is looked over in every run; what was told is not.
    try workplace.run(at: Self.start, sends: true)
    return workplace
  }

  private static let start: Int64 = 1_735_700_000_000

  private func line(_ id: String, _ user: String, _ event: String, minute: Int) -> String {
    """
    {"type":"track","messageId":"\(id)","userId":"\(user)","event":"\(event)",\
    "timestamp":"2025-01-01T00:0\(minute):00.000Z"}

    """
  }

  /// A test of the clock would say as much about the machine. Steps of SQLite's machine do not.
  @Test("a tick over twenty times the users takes the steps of one over few", arguments: [0, 3])
  func users(changed: Int) throws {
    let steps = try [150, 3000].map { users in
      let workplace = try workplace(users)
      if changed > 0 {
        let lines = (0..<changed).map { line("b\($0)", "u\($0)", "Looked", minute: 1) }
        try workplace.ingest(lines.joined())
      }
      let report = try workplace.run(at: Self.start + 1000)
      #expect(report.method == .tick)
      #expect(report.run.evaluated == changed)
      // Some have parts beside their histories now.
      return [report.steps, try workplace.run(at: Self.start + 2000).steps]
    }
    #expect(steps[0].allSatisfy { $0 > 0 })
    #expect(zip(steps[1], steps[0]).allSatisfy { $0 <= $1 + 20 })
  }
}
