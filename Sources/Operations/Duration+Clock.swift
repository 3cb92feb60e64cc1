import Values

extension Values.Duration {
  /// What a clock of the standard library measured, in whole milliseconds.
  init(_ measured: Swift.Duration) {
    let (seconds, attoseconds) = measured.components
    self.init(milliseconds: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }
}
