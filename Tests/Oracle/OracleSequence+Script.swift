extension OracleSequence: CustomStringConvertible {
  /// A shell script that does the same with `rollcall` in an empty folder: one store is rolled by
  /// ticks and one in full, and at the end both are verified and compared.
  ///
  /// It needs nothing but `sh`, `diff` and `rollcall`, and prints what differs.
  public var description: String {
    var lines = [
      "mkdir audiences ticks full",
      #"ticks() { (cd ticks && rollcall --audiences ../audiences "$@"); }"#,
      #"full() { (cd full && rollcall --audiences ../audiences "$@"); }"#,
      Self.file(
        "audiences/file.destination", "---\ntype: file\npath: identify.ndjson\n---\n"),
    ]
    lines += files.map { Self.file("audiences/" + $0.name, $0.content) }
    for (number, step) in zip(1..., steps) {
      let name = "\(number).ndjson"
      let flags = "--future --at \(OracleDate.text(of: step.now))\(step.sends ? "" : " --no-send")"
      lines += [
        "", Self.file(name, OracleCall.ndjson(step.calls)),
        "ticks ingest ../\(name) && ticks run \(flags)",
        "full ingest ../\(name) && full run --full \(flags)",
      ]
    }
    lines += ["", "ticks verify", "full verify"]
    for definition in definitions {
      let name = definition.key + ".exported"
      lines += [
        "ticks export \(definition.key) > ticks/\(name)",
        "full export \(definition.key) > full/\(name)", "diff ticks/\(name) full/\(name)",
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A command that writes a file, whose content is nothing or ends with a line end.
  private static func file(_ name: String, _ content: String) -> String {
    "cat > \(name) <<'END_OF_FILE'\n\(content)END_OF_FILE"
  }
}
