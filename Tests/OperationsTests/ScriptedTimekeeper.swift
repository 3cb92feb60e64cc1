import Operations
import Values

/// A clock that stands still until somebody waits, and then jumps.
final class ScriptedTimekeeper: Timekeeper {
  /// What happens while somebody waits. Behind the last one comes the end.
  enum Step {
    /// The time comes, so many milliseconds late.
    case time(late: Int64 = 3)
    /// Other things happen at an instant before it.
    case reread(at: Int64)
    /// The clock is at another instant when the waiting is over.
    case jump(to: Int64)
  }

  private(set) var now: Instant
  private(set) var isStopping = false
  /// Until when somebody wanted to wait.
  private(set) var waits: [Instant] = []
  private(set) var pauses: [Double] = []
  private var steps: [Step]

  init(at now: Int64, _ steps: [Step]) {
    self.now = Instant(milliseconds: now)
    self.steps = steps
  }

  func stop() { isStopping = true }

  func pass(milliseconds: Int64) { now = now + Duration(milliseconds: milliseconds) }

  func wait(until instant: Instant) -> Wakening {
    waits.append(instant)
    guard !steps.isEmpty else {
      isStopping = true
      return .stop
    }
    switch steps.removeFirst() {
    case .time(let late):
      now = instant + Duration(milliseconds: late)
      return .time
    case .reread(let at):
      now = Instant(milliseconds: at)
      return .reread
    case .jump(let to):
      now = Instant(milliseconds: to)
      return .time
    }
  }

  func pause(seconds: Double) { pauses.append(seconds) }
}
