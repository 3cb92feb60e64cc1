import Definitions
import Membership

/// Decides what is held until somebody approves it.
///
/// A removed definition and a changed key always are, and so is what an edited encoding would send again
/// (`EncodingChange`), which is judged apart. Otherwise a definition of 100 or more
/// acknowledged members is held when one of these passes its limit, a share of those members:
/// - what changed within a day: values accepted, and values pending;
/// - what it would gain or lose altogether since the last approval, however slowly.
///
/// Who comes and who goes in the normal way balances in the second, so that a window that moves
/// evenly is never held. The first sync is free, except for what it would take back.
public enum GuardPolicy {
  /// Why the pending changes of a definition are held; nil when they may go.
  public static func reason(
    _ record: GuardLedger.Record, _ pending: PendingTally, _ limit: Definition.Guard
  ) -> HoldReason? {
    guard pending.changes > record.approved else { return nil }
    if record.counterpart != nil { return .keyChanged }
    if record.isRemoved { return .removed }
    return isSwing(record, pending, limit) ? .swing : nil
  }

  /// Whether so many pending rows may come to a reason, whatever is in them.
  public static func mayHold(
    _ record: GuardLedger.Record, rows: Int, _ limit: Definition.Guard
  ) -> Bool {
    // A trait's row may stand for several values: no number of them is a bound.
    if record.kind == .trait, rows > 0, isGuarded(record, limit) { return true }
    return [PendingTally(entered: rows), PendingTally(left: rows)]
      .contains { reason(record, $0, limit) != nil }
  }

  private static func isGuarded(
    _ record: GuardLedger.Record, _ limit: Definition.Guard
  ) -> Bool {
    limit != .off && max(record.members, record.baseline ?? 0) >= GuardLedger.smallest
  }

  private static func isSwing(
    _ record: GuardLedger.Record, _ pending: PendingTally, _ limit: Definition.Guard
  ) -> Bool {
    guard case .percent(let percent) = limit else { return false }
    guard isGuarded(record, limit) else { return false }
    let members = max(record.members, record.baseline ?? 0)
    func passes(_ changes: Int, _ whole: Int) -> Bool { changes * 100 > percent * whole }
    guard let baseline = record.baseline, baseline >= GuardLedger.smallest else {
      return passes(pending.left + pending.changed, members)
    }
    let drift = record.members + pending.entered - pending.left - baseline
    return passes(record.delivered + pending.changes, members) || passes(abs(drift), baseline)
  }
}
