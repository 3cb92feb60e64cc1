import Foundation
import Testing
import Values

/// Scripts of chance: faults, SIGKILLs of whoever sends, steps of the clock and edits of definitions, with
/// the sandbox as the judge. What a script is about, the seed chooses: see `ChaosPlan`.
///
/// `ROLLCALL_CHAOS` sets how many scripts.
@Suite("Whatever happens, Heap has the snapshot in the end")
struct ChaosTests {
  private static let scripts =
    ProcessInfo.processInfo.environment["ROLLCALL_CHAOS"].flatMap(UInt64.init) ?? 2

  /// What a good sender leaves at 0.
  private static let mustBeZero = [
    "conflicting_duplicates", "unknown_app", "rejected_by_limit", "dropped_by_limit", "rejected",
    "misrouted", "malformed", "dropped_values", "truncated_values", "defaulted_timestamps",
    "duplicate_in_batch",
  ]

  @Test("faults, kills, clock steps and edits, by a seed", arguments: 0..<scripts)
  func chaos(_ seed: UInt64) throws {
    let scene = try ChaosScene(seed: seed)
    for _ in 0..<24 {
      if let mistake = try scene.step() { return fail(scene, seed, [mistake]) }
    }
    // The faults are over. One send goes out: what is held is not as the snapshot says, all else is.
    try scene.lastEdits()
    try scene.call("run", "--at", scene.at, "--no-send", "--future")
    try send(scene)
    let first = try ChaosVerdict(scene)
    guard first.mistakes.isEmpty else { return fail(scene, seed, first.mistakes) }
    // What is held is approved, and one more send goes out: nothing is held.
    for key in try scene.held().keys.sorted() { try scene.call("approve", key) }
    try send(scene)
    var mistakes = try ChaosVerdict(scene).mistakes
    if try !scene.held().isEmpty { mistakes.append("something is held that was approved") }
    for name in Self.mustBeZero where scene.count(name) != 0 {
      mistakes.append("\(name): \(scene.count(name))")
    }
    mistakes += writtenAgain(scene)
    try scene.call("status", "--at", scene.at)
    try scene.call("metrics")
    if scene.printed.contains("secret") { mistakes.append("an identity or a value was printed") }
    let requests = scene.count("requests")
    try send(scene)
    if scene.count("requests") != requests { mistakes.append("one more send made a request") }
    if !mistakes.isEmpty { fail(scene, seed, mistakes) }
  }

  private func send(_ scene: ChaosScene) throws {
    try scene.call(
      "send", "--now", "--at", scene.at, "--retry-quarantined", "--timeout", "10m")
  }

  /// A request's worth for each kill, and for each request that was applied without an answer.
  private func writtenAgain(_ scene: ChaosScene) -> [String] {
    let requests = scene.heap.requests()
    let largest = requests.elements.map { $0["property_writes"].count }.max() ?? 0
    let bound = ChaosScene.unanswered(requests) + scene.kills * max(0, largest)
    let again = scene.count("no_op_property_writes")
    return again > bound ? ["\(again) values were written again, \(bound) may be"] : []
  }

  private func fail(_ scene: ChaosScene, _ seed: UInt64, _ mistakes: [String]) {
    Issue.record(
      """
      seed \(seed):
      \(mistakes.joined(separator: "\n"))
      \(scene.story.joined(separator: "\n"))
      """)
  }
}
