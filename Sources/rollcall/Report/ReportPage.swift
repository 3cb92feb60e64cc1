import Definitions
import Operations
import Values

/// An overview as a page.
struct ReportPage {
  let overview: Overview
  /// Whether the values of traits are shown.
  let showsValues: Bool

  var html: String {
    let sections: [(id: String, title: String, body: Markup)] = [
      ("audiences", "Audiences", contents),
      ("overlap", "Overlap", overlap),
      ("details", "Each audience", details),
      ("traits", "Traits", traits),
      ("deliveries", "Deliveries", DeliveryCards(overview: overview).markup),
      ("next", "The next run", NextRunCard(overview: overview).markup),
    ].filter { !$0.body.isEmpty }
    let links: [Markup] = sections.map { "<a href=\"#\($0.id)\">\($0.title)</a>" }
    let bodies: [Markup] = sections.map {
      "<section><h2 id=\"\($0.id)\">\($0.title)</h2>\($0.body)</section>\n"
    }
    return Page(
      title: "Audiences at \(overview.at.minute)",
      body: """
        <main>
        <header><h1>Audiences</h1>
        <p class="muted">As of \(overview.at.minute)\(lastRun)</p>
        <nav>\(links)</nav>
        \(tiles)</header>
        \(bodies)</main>
        """
    ).html
  }

  private var lastRun: String {
    overview.status.lastRun.map { "; run \($0.id) was at \($0.at.minute)" } ?? "; no run yet"
  }

  private var tiles: Markup {
    let status = overview.status
    let stale = status.definitions.filter { $0.freshness?.isStale == true }.count
    var tiles: [Markup] = [
      tile(overview.users, "users"), tile(status.events, "events"),
      tile(overview.audiences.count, "audiences"), tile(overview.traits.count, "traits"),
    ]
    if overview.accounts > 0 { tiles.insert(tile(overview.accounts, "accounts"), at: 1) }
    if !status.destinations.isEmpty { tiles.append(tile(status.pending, "values pending")) }
    let alarms = [
      (status.held, "changes held"), (status.quarantined, "values in quarantine"),
      (stale, "older than they should be"),
    ]
    for (count, noun) in alarms where count > 0 { tiles.append(tile(count, noun, isAlarm: true)) }
    return "<div class=\"tiles\">\(tiles)</div>"
  }

  private func tile(_ count: Int, _ noun: String, isAlarm: Bool = false) -> Markup {
    let tone: Markup = isAlarm ? " class=\"alarm\"" : .nothing
    return "<div class=\"tile\"><b\(tone)>\(count)</b><span>\(noun)</span></div>"
  }

  // MARK: Audiences

  private var contents: Markup {
    if overview.audiences.isEmpty { return .nothing }
    let rows: [Markup] = overview.audiences.map { audience in
      let leaving = audience.forecast.map { grouped($0.leaving(.week)) } ?? "–"
      return """
        <tr><td class="name"><a href="#\(anchor(audience.definition))">\(audience.definition.name)</a></td>\
        <td class="n">\(audience.members)</td><td class="n">\(percentage(audience.share))</td>\
        <td class="wide">\(Sparkline(series: audience.sizes).markup)</td><td class="n">\(leaving)</td></tr>
        """
    }
    return """
      <div class="card"><table class="contents"><thead><tr><th>Audience</th><th class="n">Members</th>\
      <th class="n">Share</th><th class="wide">Size</th><th class="n">Leave in 7 days</th></tr></thead>\
      <tbody>\(rows)</tbody></table></div>
      """
  }

  private var details: Markup {
    let cards: [Markup] = overview.audiences.map { AudienceCard(audience: $0).markup }
    return "\(cards)"
  }

  private var overlap: Markup {
    var names: [String: String] = [:]
    for audience in overview.audiences {
      names[audience.definition.key] = audience.definition.name
    }
    let matrices: [Markup] = overview.overlaps.map { overlap in
      Matrix(overlap: overlap) { names[$0] ?? $0 }.markup
    }
    return "\(matrices)"
  }

  private var traits: Markup {
    let cards: [Markup] = overview.traits.map {
      TraitCard(trait: $0, showsValues: showsValues).markup
    }
    guard !cards.isEmpty else { return .nothing }
    let note: Markup =
      showsValues
      ? .nothing
      : """
      <p class="muted small">Values are left out. 'rollcall report --show-values' shows how they are \
      spread.</p>
      """
    return "\(note)\(cards)"
  }
}

/// Where a definition's card is on the page. A key has letters, digits and `_` only.
func anchor(_ definition: Definition) -> String { "d-" + definition.key }
