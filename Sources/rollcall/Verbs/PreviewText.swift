import Definitions
import Operations
import Values

/// A preview as people read it.
struct PreviewText {
  let report: PreviewReport
  let output: Output
  let showsValues: Bool

  func write() {
    output.line(output.bold(report.definition.key) + "  \(report.definition.name)")
    if !report.definition.description.isEmpty { output.line("  \(report.definition.description)") }
    let share =
      report.users > 0
      ? " (\((Double(report.size) / Double(report.users) * 1000).rounded() / 10) %)" : ""
    let what = report.definition.kind == .audience ? "members" : "\(subjects) with a value"
    output.line(
      "  \(grouped(report.size)) \(what) of \(grouped(report.users)) \(subjects)\(share), at \(report.at)"
    )
    for (id, value) in report.sample {
      output.line("    \(id)" + (showsValues ? "  \(value)" : ""))
    }
    if report.size > report.sample.count {
      output.line("    … and \(grouped(report.size - report.sample.count)) more")
    }
    writeTrend()
    writeFunnel()
    writeForecast()
    writeOverlap()
  }

  private var subjects: String { report.definition.subject.rawValue }

  /// Nothing when nobody ever had it.
  private func writeTrend() {
    let sizes = report.trend.map(\.size)
    guard let first = sizes.first, let last = sizes.last, sizes.contains(where: { $0 > 0 }) else {
      return
    }
    output.line()
    output.line(
      "  last 12 weeks  \(Self.sparkline(sizes))  \(grouped(first)) → \(grouped(last)), "
        + "at most \(grouped(sizes.max() ?? 0))")
  }

  /// A bar a number, from zero up to the largest; the lowest bar is zero alone.
  static func sparkline(_ numbers: [Int]) -> String {
    let bars = Array("▁▂▃▄▅▆▇█")
    let top = max(1, numbers.max() ?? 1)
    return String(numbers.map { bars[$0 == 0 ? 0 : 1 + ($0 * (bars.count - 1) - 1) / top] })
  }

  private func writeFunnel() {
    guard report.funnel.count > 1 else { return }
    output.line()
    var table = Table([("condition", .left), ("meet it", .right), ("all so far", .right)])
    for part in report.funnel {
      table.add([Self.short(part.condition), grouped(part.size), grouped(part.all)])
    }
    write(table)
  }

  /// Nothing when nobody is in it, or comes.
  private func writeForecast() {
    guard let forecast = report.forecast,
      report.size > 0 || forecast.entering(.month) > 0
    else { return }
    output.line()
    var table = Table([("if nothing happens", .left), ("leave", .right), ("enter", .right)])
    for horizon in Forecast.Horizon.allCases {
      table.add([
        "within \(horizon.words)", count(forecast.leaving(horizon)),
        count(forecast.entering(horizon)),
      ])
    }
    write(table)
  }

  private func writeOverlap() {
    guard !report.overlap.isEmpty else { return }
    output.line()
    var table = Table([
      ("nearest audiences", .left), ("in common", .right), ("of this", .right), ("of that", .right),
    ])
    for neighbour in report.overlap {
      let reverse = Double(neighbour.common) / Double(max(1, neighbour.members))
      table.add([
        neighbour.key, grouped(neighbour.common), percentage(neighbour.share), percentage(reverse),
      ])
    }
    write(table)
  }

  private func write(_ table: Table) {
    for (index, line) in table.lines.enumerated() {
      output.line("  " + (index == 0 ? output.dim(line) : line))
    }
  }

  private func count(_ number: Int) -> String { number == 0 ? "·" : grouped(number) }

  /// A condition of which the beginning is enough.
  private static func short(_ condition: String) -> String {
    condition.count > 64 ? condition.prefix(63) + "…" : condition
  }
}
