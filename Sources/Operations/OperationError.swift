import Definitions

/// Why an operation could not be done, in words for people, with the fix where there is one.
///
/// No text holds an identity or a property value.
public struct OperationError: Error, Sendable {
  public enum Kind: Sendable {
    /// The definitions or the data are wrong.
    case wrong
    /// The command was called in a way that makes no sense.
    case usage
    /// Something is held or could not be delivered.
    case undelivered
    /// The store is busy, damaged, or cannot be used.
    case store
  }

  public let kind: Kind
  public let message: String
  public let help: String?
  /// The mistakes in the definitions, when these are the cause.
  public let diagnostics: [Diagnostic]

  public init(
    _ kind: Kind, _ message: String, help: String? = nil, diagnostics: [Diagnostic] = []
  ) {
    self.kind = kind
    self.message = message
    self.help = help
    self.diagnostics = diagnostics
  }
}
