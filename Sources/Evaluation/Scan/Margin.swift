/// How a condition stands at an instant, in one number: for how many milliseconds it stays as it is, above
/// zero where it holds and below zero where it fails; infinite for ever.
///
/// AND is the least of some margins, OR the greatest, NOT the opposite: while all hold, the first to turn
/// decides, and where some fail, the last of those. It is what `ScanEvaluator.truth` comes to, without a
/// branch. Instants lie in the years 0 to 9999, give or take a century, so that a double has every
/// millisecond between two of them.
enum Margin {
  /// - Parameter now: the instant of the outcome; up to when it holds lies behind that.
  @inline(__always)
  static func of(_ outcome: Evaluator.Outcome<Bool>, at now: Int64) -> Double {
    let length = outcome.until == .max ? .infinity : Double(outcome.until &- now)
    return outcome.value ? length : -length
  }

  /// Up to when something holds that stays as it is for so many milliseconds.
  @inline(__always)
  static func until(_ length: Double, at now: Int64) -> Int64 {
    length == .infinity ? .max : now &+ Int64(length)
  }
}
