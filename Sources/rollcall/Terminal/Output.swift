import Definitions
import EventStore
import Foundation
import HeapSandbox
import Operations
import Values

/// What a verb says: results on standard output, everything else on standard error.
struct Output {
  let isJSON: Bool
  private let colours: Colours

  init(isJSON: Bool) {
    self.isJSON = isJSON
    colours = Colours(for: STDOUT_FILENO)
  }

  /// A line of the result.
  func line(_ text: String = "") { write(text + "\n") }

  /// Text of the result as it is.
  func write(_ text: String) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      // Half a result must not look like a whole one to whoever reads the exit code.
      note("error: the output cannot be written: \(String(cString: strerror(errno)))")
      exit(ExitCode.undelivered.rawValue)
    }
  }

  /// A line beside the result.
  func note(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }

  /// Diagnostics beside the result.
  func note(_ diagnostics: [Diagnostic]) {
    let colours = Colours(for: STDERR_FILENO)
    for diagnostic in diagnostics { note(colours.diagnostic(diagnostic)) }
  }

  /// The one JSON document.
  func document(_ members: [Value.Member]) { line(Value.object(members).json) }

  func bold(_ text: String) -> String { colours.bold(text) }
  func green(_ text: String) -> String { colours.green(text) }
  func red(_ text: String) -> String { colours.red(text) }
  func dim(_ text: String) -> String { colours.dim(text) }

  /// Says why something failed, and with which code the process ends.
  func fail(_ error: any Error) -> ExitCode {
    let failure = Self.operationError(error)
    let colours = Colours(for: STDERR_FILENO)
    if !isJSON { note(failure.diagnostics) }
    note(colours.red("error: ") + failure.message)
    if let help = failure.help { note("  help: \(help)") }
    if isJSON {
      var members: [Value.Member] = [
        .init(
          "error",
          .object([
            .init("message", .string(failure.message)),
            .init("help", failure.help.map(Value.string) ?? .absent),
          ]))
      ]
      if !failure.diagnostics.isEmpty {
        members.append(.init("diagnostics", .array(failure.diagnostics.map(Self.value))))
      }
      document(members)
    }
    return switch failure.kind {
    case .wrong: .wrong
    case .usage: .usage
    case .undelivered: .undelivered
    case .store: .store
    }
  }

  private static func operationError(_ error: any Error) -> OperationError {
    switch error {
    case let error as OperationError: error
    case let error as IngestFailure: OperationError(.wrong, error.description)
    case let error as SandboxError: OperationError(.usage, error.description)
    default: OperationError(.store, "an unexpected failure: \(error)")
    }
  }

  static func value(_ diagnostic: Diagnostic) -> Value {
    .object([
      .init("file", .string(diagnostic.path)), .init("line", .number(Double(diagnostic.line))),
      .init("column", .number(Double(diagnostic.column))),
      .init("severity", .string(diagnostic.severity.rawValue)),
      .init("id", .string(diagnostic.id.rawValue)), .init("message", .string(diagnostic.message)),
      .init("help", diagnostic.help.map(Value.string) ?? .absent),
    ])
  }
}

/// Colours, where somebody looks at them: on a terminal, unless `NO_COLOR` is set.
struct Colours {
  private let isOn: Bool

  init(for descriptor: Int32) {
    let environment = ProcessInfo.processInfo.environment
    isOn =
      isatty(descriptor) == 1 && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
  }

  private func paint(_ text: String, _ code: String) -> String {
    isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  func bold(_ text: String) -> String { paint(text, "1") }
  func green(_ text: String) -> String { paint(text, "32") }
  func red(_ text: String) -> String { paint(text, "31") }
  func yellow(_ text: String) -> String { paint(text, "33") }
  func dim(_ text: String) -> String { paint(text, "2") }

  /// A diagnostic with its first line coloured by severity.
  func diagnostic(_ diagnostic: Diagnostic) -> String {
    var lines = diagnostic.rendered.split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    lines[0] = diagnostic.severity == .error ? red(lines[0]) : yellow(lines[0])
    return lines.joined(separator: "\n")
  }
}

/// A number with separators between thousands.
func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var parts: [String] = []
  while digits.count > 3 {
    parts.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  parts.insert(digits, at: 0)
  return (number < 0 ? "-" : "") + parts.joined(separator: ",")
}

/// `1 request`, `2 requests`.
func counted(_ number: Int, _ noun: String) -> String {
  "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
}

extension Value {
  /// A count for a JSON document.
  init(count: Int) { self = .number(Double(count)) }

  /// An instant for a JSON document; nil is `null`.
  init(_ instant: Instant?) { self = instant.map { .string($0.description) } ?? .absent }

  /// A text for a JSON document; nil is `null`.
  init(_ text: String?) { self = text.map(Value.string) ?? .absent }
}
