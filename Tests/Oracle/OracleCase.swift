/// A world to compare with, at an instant.
public struct OracleCase: Sendable {
  /// Calls in their order of arrival.
  public var calls: [OracleCall]
  /// Definitions; each refers only to earlier ones.
  public var definitions: [OracleDefinition]
  /// UTC milliseconds.
  public var now: Int64

  /// A case.
  public init(calls: [OracleCall], definitions: [OracleDefinition], now: Int64) {
    self.calls = calls
    self.definitions = definitions
    self.now = now
  }

  /// The world of the case.
  public var world: OracleWorld { OracleWorld(calls: calls, definitions: definitions) }

  /// The calls as NDJSON.
  public var ndjson: String { OracleCall.ndjson(calls) }

  /// The definition files: name and content, in the canonical spelling or a random one.
  public func files(seed: UInt64? = nil) -> [(name: String, content: String)] {
    var printer = seed.map { OraclePrinter(seed: $0) } ?? OraclePrinter()
    return definitions.map { definition in
      let name = definition.key + (definition.isAudience ? ".audience" : ".trait")
      return (name, printer.file(definition))
    }
  }
}

extension OracleCase: CustomStringConvertible {
  /// Everything that is needed to look at the case by hand.
  public var description: String {
    var text = "now: \(OracleDate.text(of: now))\n"
    for (name, content) in files() { text += "\n# \(name)\n\(content)" }
    text += "\n# events.ndjson\n\(ndjson)"
    return text
  }
}
