import Foundation
import Operations

/// Asks before something that cannot be taken back.
struct Confirmation {
  private let arguments: Arguments
  private let output: Output

  static let flag = Flag("--yes", nil, "do it without asking")

  init(_ call: Invocation) {
    arguments = call.arguments
    output = call.output
  }

  /// Whether to go on: with `--yes`, or when somebody at a terminal says so.
  ///
  /// - Throws: `OperationError` of kind `.usage` where nobody can be asked.
  func isGiven(for question: String) throws -> Bool {
    if arguments.has(Self.flag.name) { return true }
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1, !output.isJSON else {
      throw OperationError(
        .usage, "nobody can be asked here, and nothing was done", help: "add --yes to do it")
    }
    try? FileHandle.standardError.write(contentsOf: Data("\(question) [y/N] ".utf8))
    return ["y", "yes"].contains(readLine()?.lowercased())
  }
}
