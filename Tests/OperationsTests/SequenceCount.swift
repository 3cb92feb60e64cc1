import Foundation

/// How many random sequences of ingests and runs there are: `ROLLCALL_SEQUENCES`. Each suite takes all of
/// them, or a part.
enum SequenceCount {
  static var all: UInt64 {
    ProcessInfo.processInfo.environment["ROLLCALL_SEQUENCES"].flatMap(UInt64.init) ?? 600
  }
}
