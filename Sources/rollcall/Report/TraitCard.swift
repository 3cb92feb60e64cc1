import Operations
import Values

/// One trait on a page.
struct TraitCard {
  /// How many texts are named.
  static let texts = 8

  let trait: Overview.Trait
  let showsValues: Bool

  var markup: Markup {
    let definition = trait.definition
    let share =
      trait.population > 0 ? Double(trait.members) / Double(trait.population) : nil
    let noun = definition.subject == .users ? "users" : "accounts"
    return """
      <article class="card trait" id="\(anchor(definition))">\
      \(DefinitionHead(definition: definition, size: "<b>\(trait.members)</b> with a value, \(percentage(share)) of \(noun)").markup)\
      <div class="columns"><div>\(spread.isEmpty ? chart : spread)</div>\
      <div><h4>Definition</h4><pre class="query">\(definition.source[definition.query.range])</pre>\
      \(StandingLine(standing: trait.standing).markup)\(spread.isEmpty ? .nothing : chart)</div></div></article>

      """
  }

  private var chart: Markup {
    """
    <h4>How many have a value</h4>\
    \(LineChart(series: trait.sizes, noun: "with a value", showsFlow: false).markup)
    """
  }

  private var spread: Markup {
    guard let distribution = trait.distribution else {
      return "<p class=\"muted small\">Not enabled: its values stay as they are.</p>"
    }
    guard showsValues, distribution.count > 0 else { return .nothing }
    return "\(numbers(distribution.numbers))\(texts(distribution))\(others(distribution))"
  }

  private func numbers(_ numbers: NumberCounts) -> Markup {
    guard let low = numbers.minimum, let high = numbers.maximum, let median = numbers.median else {
      return .nothing
    }
    let bins = numbers.bins()
    return """
      <h4>Numbers</h4>\(Bars(rows: bins.map { Bars.Row(name: $0.words, count: $0.count) }).markup)\
      <p class="muted small">From \(low.words) to \(high.words); half of them are \(median.words) or less.</p>
      """
  }

  private func texts(_ distribution: Distribution) -> Markup {
    let top = distribution.topTexts(Self.texts)
    guard !top.isEmpty else { return .nothing }
    let rest = distribution.textCount - top.reduce(0) { $0 + $1.count }
    let kinds =
      distribution.distinctTexts.map { counted($0, "different text") }
      ?? "More than \(counted(Distribution.textLimit, "different text"))"
    let note: Markup =
      rest > 0
      ? "<p class=\"muted small\">\(kinds); \(rest) have another one than these.</p>" : .nothing
    let rows = top.map { Bars.Row(name: Self.short($0.text), count: $0.count) }
    return "<h4>Texts</h4>\(Bars(rows: rows).markup)\(note)"
  }

  private func others(_ distribution: Distribution) -> Markup {
    var rows: [Bars.Row] = []
    let (yes, no) = distribution.booleans
    if yes + no > 0 { rows = [.init(name: "true", count: yes), .init(name: "false", count: no)] }
    if distribution.structured > 0 {
      rows.append(.init(name: "lists and objects", count: distribution.structured))
    }
    return rows.isEmpty ? .nothing : "<h4>Other values</h4>\(Bars(rows: rows).markup)"
  }

  /// A text of which the beginning is enough.
  private static func short(_ text: String) -> String {
    text.isEmpty ? "(empty)" : text.count > 60 ? text.prefix(59) + "…" : text
  }
}

extension NumberCounts.Bin {
  /// `20 – 30`, where the second is not in it; a whole number alone for a bin of one.
  var words: String {
    guard let to else { return "\(from.words) and more" }
    return to == from + 1 && from == from.rounded() ? from.words : "\(from.words) – \(to.words)"
  }
}

extension Double {
  /// A number as JSON has it, with separators between thousands where it is whole.
  fileprivate var words: String {
    self == rounded() && magnitude < 1e15 ? grouped(Int(self)) : Value.number(self).json
  }
}
