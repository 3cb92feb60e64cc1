import Definitions
import Operations
import Values

extension Verb {
  static let test = Verb(
    "test", "evaluates the examples in the definition files; exits 1 when one fails",
    operands: "[KEY...]", count: 0...Int.max
  ) { call in
    let report = try call.session.test(call.arguments.operands)
    let output = call.output
    if call.isJSON {
      output.document([
        .init("at", .init(report.at)), .init("passed", .init(count: report.passed)),
        .init("failed", .init(count: report.failed)),
        .init("failures", .array(report.failures.map(\.document))),
        .init("without_examples", .array(report.withoutExamples.map(Value.string))),
        .init("disabled", .array(report.disabled.map(Value.string))),
      ])
    } else {
      for failure in report.failures { output.failure(failure, at: report.at) }
      let count = report.passed + report.failed
      if report.failed > 0 {
        output.line(
          output.red("\(grouped(report.failed)) failed") + " of \(counted(count, "example"))")
      } else {
        output.line(output.green("good") + ": \(counted(count, "example")) passed")
      }
      output.noteWithoutExamples(report.withoutExamples)
      if !report.disabled.isEmpty {
        output.line("  not enabled, left out: \(report.disabled.joined(separator: ", "))")
      }
    }
    return report.failed == 0 ? .done : .wrong
  }
}

extension Output {
  /// Names the definitions that have no examples, when there are any.
  func noteWithoutExamples(_ keys: [String]) {
    guard !keys.isEmpty else { return }
    let shown = keys.count > 10 ? Array(keys.prefix(9)) : keys
    let rest = keys.count > shown.count ? " and \(grouped(keys.count - shown.count)) more" : ""
    line("  without examples: \(shown.joined(separator: ", "))\(rest)")
  }

  fileprivate func failure(_ failure: TestReport.Failure, at now: Instant) {
    let gutter = String(repeating: " ", count: String(failure.line).count)
    line(red("failed") + ": \(failure.key)")
    line("  --> \(failure.path):\(failure.line)")
    line(" \(failure.line) | \(failure.example)")
    line(
      " \(gutter) | expected \(failure.expected.shown()), found \(failure.found.shown())")
    if let next = failure.nextChange {
      line(" \(gutter) = next change: \((next - now).inWords) after now, at \(next)")
    } else {
      line(" \(gutter) = next change: never")
    }
    if let explanation = failure.explanation {
      line()
      let text = ExplanationText(self, showsValues: true)
      text.write(explanation, of: nil, indentation: " \(gutter)   ")
    }
    line()
  }
}

extension TestReport.Failure {
  fileprivate var document: Value {
    .object([
      .init("key", .string(key)), .init("file", .string(path)), .init("line", .init(count: line)),
      .init("example", .string(example)), .init("expected", expected), .init("found", found),
      .init("next_change", .init(nextChange)),
      .init(
        "explanation",
        explanation.map(ExplanationDocument(showsValues: true).node) ?? .absent),
    ])
  }
}

extension Duration {
  /// In the units of an example: `1 day 1 millisecond`.
  fileprivate var inWords: String {
    var rest = milliseconds
    var parts: [String] = []
    for unit in Unit.allCases.reversed() where unit != .week {
      let (count, remainder) = rest.quotientAndRemainder(dividingBy: unit.length.milliseconds)
      if count > 0 { parts.append(counted(Int(count), unit.rawValue)) }
      rest = remainder
    }
    if rest > 0 { parts.append(counted(Int(rest), "millisecond")) }
    return parts.joined(separator: " ")
  }
}
