/// The comparisons of two values, each as its row of the table says.
extension OracleValue {
  /// `=`: as numbers when both are numeric and at least one is a number, else as texts.
  public func equals(_ other: OracleValue) -> Bool {
    guard let left = text, let right = other.text else { return false }
    if isNumber || other.isNumber, let left = numeric, let right = other.numeric {
      return left == right
    }
    return left.isExactly(right)
  }

  /// `!=`: both present and not `=`.
  public func differs(from other: OracleValue) -> Bool {
    isPresent && other.isPresent && !equals(other)
  }

  /// `<` and its kin: as numbers when both are numeric, as instants when both are dates.
  public func isOrdered(
    _ other: OracleValue, numbers: (Double, Double) -> Bool, instants: (Int64, Int64) -> Bool
  ) -> Bool {
    if let left = numeric, let right = other.numeric { return numbers(left, right) }
    if let left = instant, let right = other.instant { return instants(left, right) }
    return false
  }

  private var isNumber: Bool {
    if case .number = self { true } else { false }
  }
}
