import Operations
import Values

/// A size over time: a line over an area, and below it who entered and who left.
///
/// The drawings stretch to the width that there is; the words beside them are HTML, and do not.
struct LineChart {
  private static let width = 600.0
  private static let height = 150.0
  /// The height of those who entered, and of those who left.
  private static let flow = 26.0
  /// With more points than these, none says its numbers when it is pointed at.
  private static let labelled = 80

  let series: SizeSeries
  /// What is counted: `members`.
  let noun: String
  /// Whether who entered and left is known; of traits it is not.
  let showsFlow: Bool

  private var points: [SizeSeries.Point] { series.points }

  var markup: Markup {
    guard let first = points.first, let last = points.last else {
      return "<p class=\"muted small\">No run has met it yet.</p>"
    }
    let scale = Scale(holding: points.map(\.members).max() ?? 0)
    let label =
      "\(grouped(first.members)) \(noun) on \(first.at.day), \(grouped(last.members)) on \(last.at.day)"
    let chart: Markup = """
      <div class="plot"><div class="ticks"><span style="top:0">\(scale.top)</span>\
      <span style="top:50%">\(scale.top / 2)</span><span style="top:100%">0</span></div>\
      <svg class="sizes" role="img" aria-label="\(label)" viewBox="0 0 \(at: Self.width) \(at: Self.height)" \
      height="\(at: Self.height)" preserveAspectRatio="none">\(grid)\(curve(scale))\(touch)</svg></div>
      """
    let axis: Markup = """
      <div class="axis"><span>\(first.at.day)</span><span>\(last.at.day)</span></div>
      """
    return "\(chart)\(showsFlow ? flows : .nothing)\(axis)"
  }

  /// From 0 to the width, by time.
  private func x(_ point: SizeSeries.Point) -> Double {
    guard let first = points.first?.at, let last = points.last?.at, last > first else {
      return Self.width / 2
    }
    return Double((point.at - first).milliseconds) / Double((last - first).milliseconds)
      * Self.width
  }

  private var grid: Markup {
    let lines: [Markup] = [0, Self.height / 2, Self.height].map { y in
      "<path class=\"grid\" d=\"M0 \(at: y)H\(at: Self.width)\"/>"
    }
    return "\(lines)"
  }

  private func curve(_ scale: Scale) -> Markup {
    let places = points.map { (x: x($0), y: (1 - scale.place($0.members)) * Self.height) }
    guard let first = places.first, let last = places.last else { return .nothing }
    if places.count == 1 { return "<path class=\"dot\" d=\"M\(at: first.x) \(at: first.y)h0\"/>" }
    let line: [Markup] = places.dropFirst().map { "L\(at: $0.x) \(at: $0.y)" }
    return """
      <path class="area" d="M\(at: first.x) \(at: Self.height)L\(at: first.x) \(at: first.y)\(line)\
      L\(at: last.x) \(at: Self.height)Z"/><path class="line" d="M\(at: first.x) \(at: first.y)\(line)"/>
      """
  }

  /// The width of a point's bar, or of the strip that says its numbers.
  private var strip: Double { Self.width / Double(max(2, points.count)) }

  private var touch: Markup {
    guard points.count <= Self.labelled else { return .nothing }
    let strips: [Markup] = points.map { point in
      let flow = showsFlow ? ", \(grouped(point.entered)) entered, \(grouped(point.left)) left" : ""
      return """
        <rect class="touch" x="\(at: max(0, x(point) - strip / 2))" y="0" width="\(at: strip)" \
        height="\(at: Self.height)"><title>\(point.at.day): \(point.members) \(noun)\(flow)</title></rect>
        """
    }
    return "\(strips)"
  }

  /// The first point counts everybody as entered, and is left out.
  private var flows: Markup {
    let points = points.dropFirst()
    let largest = points.map { max($0.entered, $0.left) }.max() ?? 0
    guard largest > 0 else { return .nothing }
    let width = max(1, min(24, strip * 0.6))
    let bars: [Markup] = points.map { point in
      let x = min(max(0, x(point) - width / 2), Self.width - width)
      let up = Double(point.entered) / Double(largest) * Self.flow
      let down = Double(point.left) / Double(largest) * Self.flow
      return """
        <rect class="up" x="\(at: x)" y="\(at: Self.flow - up)" width="\(at: width)" height="\(at: up)"/>\
        <rect class="down" x="\(at: x)" y="\(at: Self.flow)" width="\(at: width)" height="\(at: down)"/>
        """
    }
    return """
      <p class="key"><span class="in">▲ entered</span><span class="out">▼ left</span>\
      <span>at most \(largest) between two runs</span></p>\
      <div class="plot"><svg class="flows" aria-hidden="true" viewBox="0 0 \(at: Self.width) \(at: 2 * Self.flow)" \
      height="\(at: 2 * Self.flow)" preserveAspectRatio="none">\(bars)\
      <path class="grid" d="M0 \(at: Self.flow)H\(at: Self.width)"/></svg></div>
      """
  }
}

/// The same in a line of a table.
struct Sparkline {
  let series: SizeSeries

  var markup: Markup {
    let points = series.points
    guard points.count > 1, let first = points.first, let last = points.last else {
      return .nothing
    }
    let top = Double(max(1, points.map(\.members).max() ?? 1))
    let time = Double(max(1, (last.at - first.at).milliseconds))
    let places: [Markup] = points.map { point in
      let x = Double((point.at - first.at).milliseconds) / time * 100
      return "L\(at: x) \(at: 22 - Double(point.members) / top * 20)"
    }
    let y = 22 - Double(first.members) / top * 20
    return """
      <svg class="spark" aria-hidden="true" viewBox="0 0 100 24" preserveAspectRatio="none">\
      <path class="line" d="M0 \(at: y)\(places)"/></svg>
      """
  }
}

extension Instant {
  /// The date alone.
  var day: String { String(description.prefix { $0 != "T" }) }

  /// To the minute.
  var minute: String { description.prefix(16).replacing("T", with: " ") + " UTC" }
}
