import Values

/// The release binary, called as people call it.
struct RollcallBinary {
  let path: String
  let store: String
  let audiences: String

  /// Runs a verb with `--json`.
  ///
  /// - Throws: `BinaryError` when it exits with anything but 0.
  func call(_ words: String...) throws -> (document: Value, outcome: ChildOutcome) {
    let outcome = try run(words + ["--json"])
    return (try Value(json: outcome.output), outcome)
  }

  /// Writes the members of a definition to a file.
  func export(_ key: String, to file: String) throws -> ChildOutcome {
    try run(["export", key, "--format", "csv"], output: file)
  }

  private func run(_ words: [String], output: String? = nil) throws -> ChildOutcome {
    let outcome = try Child.run(
      [path, "--store", store, "--audiences", audiences] + words, output: output)
    guard outcome.exitCode == 0 else {
      throw BinaryError(verb: words[0], code: outcome.exitCode, errors: outcome.errors)
    }
    return outcome
  }
}

struct BinaryError: Error, CustomStringConvertible {
  let verb: String
  let code: Int32
  let errors: String

  var description: String { "'rollcall \(verb)' exited with \(code): \(errors)" }
}
