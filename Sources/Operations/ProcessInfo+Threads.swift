import Foundation

extension ProcessInfo {
  /// How many threads share what is done for everybody: one a core, and no more than write what one can
  /// take in.
  var usualThreads: Int { min(8, activeProcessorCount) }
}
