import Membership
import Testing

struct TransitionRevisionTests {
  /// `+3` is an entry at 3, `-5` an exit at 5; with `?` behind it, one that was never attempted.
  private static func transitions(_ text: String) -> [AudienceTransition] {
    text.split(separator: " ").enumerated().map { place, word in
      AudienceTransition(
        instant: Int64(word.dropFirst().prefix { $0 != "?" }) ?? -1, isEntry: word.first == "+",
        ordinal: place / 2)
    }
  }

  private static func known(_ text: String) -> [TransitionRevision.Known] {
    zip(transitions(text), text.split(separator: " ")).map {
      TransitionRevision.Known($0, isDraft: $1.hasSuffix("?"))
    }
  }

  private static func text(_ transitions: [AudienceTransition]) -> String {
    transitions.map { ($0.isEntry ? "+" : "-") + "\($0.instant)" }.joined(separator: " ")
  }

  @Test(
    "what is true later than all that was told is owed, and whatever else differs is a correction",
    arguments: [
      // truth, known, added, withdrawn, corrections
      ("", "", "", "", 0), ("+1 -3", "", "+1 -3", "", 0), ("+1 -3", "+1", "-3", "", 0),
      ("+1 -3", "+1 -3", "", "", 0), ("-3", "", "-3", "", 0),
      // The exit was told, and came later in truth: the new one does not follow an exit.
      ("+1 -7", "+1 -5", "", "", 2), ("+1 -7 +9", "+1 -5", "+9", "", 2),
      // A spell before what was told, and between two that were.
      ("+1 -2 +5", "+5", "", "", 2), ("+1 -2 +3 -9", "+1 -9", "", "", 2),
      // All of it is not true any more.
      ("", "+1 -5", "", "", 2), ("+8", "+1", "", "", 2), ("+8", "+1 -5", "+8", "", 2),
      // The opposite is true at that instant.
      ("-5", "+5", "", "", 2),
      // What was never attempted follows the truth.
      ("+1 -7", "+1 -5?", "-7", "-5", 0), ("", "+1? -5?", "", "+1 -5", 0),
      ("+1 -5", "+1? -5?", "", "", 0), ("+2 -4 +8", "+1? -5? +8", "+2 -4", "+1 -5", 0),
      ("+1 -5", "+1 -5? +8", "", "", 1), ("+1 -6 +8", "+1 -5? +8", "-6", "-5", 0),
      // Without the exit two entries would follow one another.
      ("+1", "+1 -5? +8", "", "", 2),
    ])
  func live(
    _ truth: String, _ known: String, _ added: String, _ withdrawn: String, _ corrections: Int
  ) {
    let revision = TransitionRevision(of: Self.transitions(truth), against: Self.known(known))
    #expect(Self.text(revision.added) == added)
    #expect(Self.text(revision.withdrawn) == withdrawn)
    #expect(revision.corrections == corrections)
  }

  @Test(
    "the past is filled in so that directions alternate",
    arguments: [
      ("+1 -3", "", "+1 -3", 0), ("+1 -3", "+5", "+1 -3", 0), ("+1 -3 +4", "-5", "+1 -3 +4", 0),
      // What follows says that somebody was in, or was out.
      ("+1 -3 +4", "+5", "+1 -3", 1), ("+1 -3", "-5", "+1", 1), ("+1", "+5", "", 1),
      // A gap between two stretches that were told.
      ("+3 -4", "-1 +6", "+3 -4", 0), ("-3", "+1 +6", "-3", 0), ("-3 +4", "-1 +6", "", 2),
      ("+3", "+3", "", 0), ("-3", "+3", "", 1),
    ])
  func past(_ past: String, _ known: String, _ added: String, _ corrections: Int) {
    let revision = TransitionRevision(
      filling: Self.transitions(past), beside: Self.known(known))
    #expect(Self.text(revision.added) == added)
    #expect(revision.withdrawn.isEmpty)
    #expect(revision.corrections == corrections)
  }

  @Test("two that follow one another have opposite directions, whatever is known and true")
  func alternation() {
    var seed: UInt64 = 7
    func random(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((seed >> 33) % UInt64(bound))
    }
    func path() -> [AudienceTransition] {
      var entry = random(2) == 0
      return (0..<random(7)).map { _ in random(20) }.sorted().reduce(into: []) { path, instant in
        guard path.last?.instant != Int64(instant) else { return }
        path.append(
          AudienceTransition(instant: Int64(instant), isEntry: entry, ordinal: path.count / 2))
        entry.toggle()
      }
    }
    for _ in 0..<20_000 {
      let (truth, told) = (path(), path())
      let drafts = told.map { _ in random(2) == 0 }
      let known = zip(told, drafts).map { TransitionRevision.Known($0, isDraft: $1) }
      let revision = TransitionRevision(of: truth, against: known)
      let all = (told.filter { !revision.withdrawn.contains($0) } + revision.added)
        .sorted { $0.instant < $1.instant }
      let alternates = zip(all, all.dropFirst()).allSatisfy { $0.isEntry != $1.isEntry }
      #expect(alternates, "\(Self.text(truth)) against \(Self.text(told)), \(drafts) drafts")
    }
  }
}
