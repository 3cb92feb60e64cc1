import Foundation
import Testing

/// The transcripts of the README, run as they are printed.
@Suite("The README")
struct ReadmeTests {
  /// A command and what the README says that it prints.
  struct Step {
    let command: String
    let output: String
  }

  /// The `console` blocks: `$ ` begins a command, `> ` goes on with it, the rest is its output.
  private static func steps(_ readme: String) -> [Step] {
    var steps: [Step] = []
    var command: [String] = []
    var output: [String] = []
    var isInside = false
    func finish() {
      if !command.isEmpty {
        let text = output.isEmpty ? "" : output.joined(separator: "\n") + "\n"
        steps.append(Step(command: command.joined(separator: "\n") + "\n", output: text))
      }
      (command, output) = ([], [])
    }
    for line in readme.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "```console" {
        isInside = true
      } else if line == "```" {
        if isInside { finish() }
        isInside = false
      } else if isInside, line.hasPrefix("$ ") {
        finish()
        command = [String(line.dropFirst(2))]
      } else if isInside, line.hasPrefix("> "), output.isEmpty {
        command.append(String(line.dropFirst(2)))
      } else if isInside {
        output.append(String(line))
      }
    }
    return steps
  }

  @Test("Every transcript prints what it says, one after the other in one folder")
  func transcripts() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    let steps = Self.steps(readme)
    #expect(steps.count > 20)
    let rollcall = try Rollcall()
    for step in steps {
      try rollcall.write(step.command, to: ".step")
      #expect(try rollcall.shell(".step") == step.output, "\(step.command)")
    }
  }
}
