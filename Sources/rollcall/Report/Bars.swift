/// Numbers beside one another, as horizontal bars with their names and counts.
struct Bars {
  struct Row {
    let name: String
    let count: Int
  }

  let rows: [Row]
  /// The length of a full bar; nil for that of the largest number.
  var whole: Int?

  var markup: Markup {
    let whole = max(1, whole ?? rows.map(\.count).max() ?? 1)
    let lines: [Markup] = rows.map { row in
      """
      <span>\(row.name)</span>\(Self.bar(Double(row.count) / Double(whole)))\
      <span class="n">\(row.count)</span>
      """
    }
    return "<div class=\"bars\">\(lines)</div>"
  }

  /// One bar.
  ///
  /// - Parameter share: from 0 to 1.
  static func bar(_ share: Double) -> Markup {
    """
    <svg class="bar" aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none">\
    <rect class="whole" width="100" height="10"/>\
    <rect class="part" width="\(at: min(1, max(0, share)) * 100)" height="10"/></svg>
    """
  }
}
