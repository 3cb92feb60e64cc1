import Definitions
import Delivery
import Membership
import Testing
import Values

struct GuardPolicyTests {
  private static func reason(
    members: Int, baseline: Int?, delivered: Int = 0, approved: Int = 0, isRemoved: Bool = false,
    counterpart: String? = nil, _ pending: PendingTally, _ limit: Definition.Guard = .percent(30)
  ) -> HoldReason? {
    GuardPolicy.reason(
      GuardLedger.Record(
        isRemoved: isRemoved, members: members, baseline: baseline, delivered: delivered,
        approved: approved, counterpart: counterpart), pending, limit)
  }

  @Test(
    "what is past the guard's share of the members is held, whichever way it goes",
    arguments: [
      PendingTally(entered: 301), PendingTally(left: 301), PendingTally(changed: 301),
      PendingTally(entered: 100, left: 100, changed: 101),
    ])
  func swing(_ pending: PendingTally) {
    #expect(Self.reason(members: 1000, baseline: 1000, pending) == .swing)
    #expect(Self.reason(members: 1000, baseline: 1000, pending, .percent(31)) == nil)
    #expect(Self.reason(members: 1000, baseline: 1000, pending, .off) == nil)
  }

  @Test("exactly the share may go")
  func share() {
    #expect(Self.reason(members: 1000, baseline: 1000, PendingTally(left: 300)) == nil)
    #expect(
      Self.reason(members: 1000, baseline: 1000, PendingTally(left: 1), .percent(0)) == .swing)
    #expect(Self.reason(members: 1000, baseline: 1000, PendingTally(), .percent(0)) == nil)
  }

  @Test("fewer than a hundred members are not worth a guard")
  func small() {
    #expect(Self.reason(members: 99, baseline: 99, PendingTally(left: 99)) == nil)
    #expect(Self.reason(members: 100, baseline: 100, PendingTally(left: 31)) == .swing)
    // It was a hundred when it was approved, and is not less worth since.
    #expect(Self.reason(members: 80, baseline: 100, PendingTally(left: 31)) == .swing)
  }

  @Test("the first sync is free, but for what it takes back")
  func first() {
    #expect(Self.reason(members: 500, baseline: nil, PendingTally(entered: 100_000)) == nil)
    #expect(Self.reason(members: 500, baseline: 50, PendingTally(entered: 100_000)) == nil)
    #expect(Self.reason(members: 500, baseline: nil, PendingTally(left: 151)) == .swing)
    #expect(Self.reason(members: 500, baseline: nil, PendingTally(changed: 151)) == .swing)
    #expect(Self.reason(members: 0, baseline: nil, PendingTally(entered: 5)) == nil)
  }

  @Test("what was delivered within the day counts with what is pending")
  func day() {
    let pending = PendingTally(changed: 290)
    #expect(Self.reason(members: 1000, baseline: 1000, pending) == nil)
    #expect(Self.reason(members: 1000, baseline: 1000, delivered: 290, pending) == .swing)
  }

  @Test("a slow loss or gain adds up, and what comes and goes evenly does not")
  func drift() {
    #expect(Self.reason(members: 710, baseline: 1000, PendingTally(left: 11)) == .swing)
    #expect(Self.reason(members: 1290, baseline: 1000, PendingTally(entered: 11)) == .swing)
    #expect(Self.reason(members: 710, baseline: 1000, PendingTally(entered: 11)) == nil)
    #expect(
      Self.reason(members: 1000, baseline: 1000, PendingTally(entered: 140, left: 140)) == nil)
  }

  @Test("a removed definition and a changed key are held, however few they have")
  func removed() {
    let one = PendingTally(left: 1)
    #expect(Self.reason(members: 1, baseline: 1, isRemoved: true, one, .off) == .removed)
    #expect(
      Self.reason(members: 1, baseline: 1, isRemoved: true, counterpart: "b", one) == .keyChanged)
    #expect(
      Self.reason(members: 0, baseline: nil, counterpart: "a", PendingTally(entered: 1))
        == .keyChanged)
    #expect(Self.reason(members: 1, baseline: 1, isRemoved: true, PendingTally()) == nil)
  }

  @Test("an approval covers as many changes as it says, and no more")
  func approved() {
    let pending = PendingTally(left: 400)
    #expect(Self.reason(members: 1000, baseline: 1000, approved: 400, pending) == nil)
    #expect(Self.reason(members: 1000, baseline: 1000, approved: 399, pending) == .swing)
    #expect(
      Self.reason(members: 9, baseline: 9, approved: 8, isRemoved: true, PendingTally(left: 9))
        == .removed)
  }

  @Test("no number of rows that may be held is taken for harmless")
  func bounds() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let record = GuardLedger.Record(
        isRemoved: .random(), members: .random(in: 0...300),
        baseline: .random() ? .random(in: 0...300) : nil, delivered: .random(in: 0...100),
        approved: .random() ? .random(in: 0...50) : 0)
      let pending = PendingTally(
        entered: .random(in: 0...40, using: &generator), left: .random(in: 0...40),
        changed: .random(in: 0...40))
      let limit = Definition.Guard.percent(.random(in: 0...100))
      guard GuardPolicy.reason(record, pending, limit) != nil else { continue }
      #expect(
        GuardPolicy.mayHold(record, rows: pending.changes + .random(in: 0...9), limit),
        "\(record) \(pending) \(limit)")
    }
  }
}
