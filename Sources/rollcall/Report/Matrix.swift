import Operations

/// Which part of each audience is in each other one: rows are the audience, columns the other.
struct Matrix {
  /// So many audiences still make a table that can be read.
  static let limit = 40
  /// From these shares on a cell is strong enough for the other colour of text: by night, and by day.
  private static let strong = (night: 0.72, day: 0.9)

  let overlap: Overview.Overlap
  /// What an audience is called.
  let name: (String) -> String

  /// Those with members, the largest first: as many as are shown, and the others.
  private var audiences: (shown: [Int], others: [Int]) {
    let table = overlap.table
    let known = overlap.keys.indices.filter { table.common($0, $0) > 0 }.sorted {
      let (a, b) = (table.common($0, $0), table.common($1, $1))
      return a != b ? a > b : overlap.keys[$0] < overlap.keys[$1]
    }
    return (Array(known.prefix(Self.limit)), Array(known.dropFirst(Self.limit)))
  }

  /// Nothing when there are no two audiences with members.
  var markup: Markup {
    let (shown, others) = audiences
    guard shown.count > 1 else { return .nothing }
    let numbers: [Markup] = shown.indices.map { "<th scope=\"col\">\($0 + 1)</th>" }
    let rows: [Markup] = shown.enumerated().map { number, row in
      let cells: [Markup] = shown.map { cell(row, $0) }
      let name = name(overlap.keys[row])
      return """
        <tr><th scope="row" title="\(name)">\(number + 1) \(name)</th>\(cells)</tr>
        """
    }
    let rest = others.map { name(overlap.keys[$0]) }.joined(separator: ", ")
    let note: Markup =
      others.isEmpty
      ? .nothing
      : """
      <p class="muted small">The \(shown.count) largest are shown. With members, and not shown: \
      \(rest).</p>
      """
    return """
      <div class="card"><div class="scroll"><table class="matrix"><thead><tr><th></th>\(numbers)</tr></thead>\
      <tbody>\(rows)</tbody></table></div>\
      <p class="muted small">Each row: how many percent of the audience are also in the numbered one.</p>\
      \(note)</div>
      """
  }

  private func cell(_ row: Int, _ column: Int) -> Markup {
    if row == column { return "<td class=\"own\">·</td>" }
    let share = overlap.table.share(of: row, in: column) ?? 0
    let common = overlap.table.common(row, column)
    let percent = Int((share * 100).rounded())
    let text = percent == 0 && common > 0 ? "<1" : "\(percent)"
    let title =
      "\(grouped(common)) of \(name(overlap.keys[row])) are in \(name(overlap.keys[column]))"
    let tone: Markup =
      share >= Self.strong.day
      ? " class=\"strong full\"" : share >= Self.strong.night ? " class=\"strong\"" : .nothing
    return """
      <td\(tone) style="--s:\(at: share)" title="\(title)">\(text)</td>
      """
  }
}
