import Foundation

/// Ends a debug build with SIGKILL just before a chosen commit, so that tests can look at what a
/// crash there leaves behind. A release build has no such points.
///
/// `ROLLCALL_CRASH_BEFORE=run` names the transaction; `ingest:3` the third one of that name.
enum CrashPoint {
  #if DEBUG
    nonisolated(unsafe) private static var remaining: Int = {
      Int(chosen.dropFirst().first ?? "1") ?? 1
    }()

    private static let chosen: [Substring] =
      (ProcessInfo.processInfo.environment["ROLLCALL_CRASH_BEFORE"] ?? "").split(separator: ":")

    static func reach(_ label: StaticString) {
      guard let name = chosen.first, name == label.description else { return }
      remaining -= 1
      if remaining == 0 { kill(getpid(), SIGKILL) }
    }
  #else
    @inline(__always) static func reach(_ label: StaticString) {}
  #endif
}
