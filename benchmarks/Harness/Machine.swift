import Dispatch
import Foundation
import Synchronization

/// The machine on which was measured, and how fast its memory is.
enum Machine {
  /// One line: processor, cores, memory, system.
  static var line: String {
    let processor = field("model name", of: "/proc/cpuinfo") ?? "unknown processor"
    let memory = ProcessInfo.processInfo.physicalMemory / 1_000_000_000
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let system = ProcessInfo.processInfo.operatingSystemVersionString
    return "\(processor), \(cores) cores, \(memory) GB, \(system)"
  }

  private static func field(_ name: String, of path: String) -> String? {
    let text = try? String(contentsOfFile: path, encoding: .utf8)
    return text?.split(separator: "\n").first { $0.hasPrefix(name) }?
      .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
  }

  /// Bytes a second that so many threads read from memory together: the best of a few passes.
  ///
  /// It takes 512 MB, so it belongs into a process of its own.
  static func bandwidth(threads: Int) -> Double {
    let words = [UInt64](repeating: 1, count: (512 << 20) / 8)
    let clock = ContinuousClock()
    let share = words.count / threads
    let sums = Mutex<UInt64>(0)
    let passes = (0..<5).map { _ in
      clock.measure {
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
          let sum = total(words.span.extracting(thread * share..<(thread + 1) * share))
          sums.withLock { $0 &+= sum }
        }
      }.seconds
    }
    guard sums.withLock({ $0 }) > 0, let best = passes.min() else { return 0 }
    return Double(share * threads * 8) / best
  }

  private static func total(_ words: Span<UInt64>) -> UInt64 {
    var sums = SIMD8<UInt64>()
    var place = 0
    while place + 8 <= words.count {
      for lane in 0..<8 { sums[lane] &+= words[place + lane] }
      place += 8
    }
    return sums.wrappedSum()
  }
}
