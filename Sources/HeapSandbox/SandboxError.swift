import Glibc

/// Why a sandbox could not be made or told something.
public enum SandboxError: Error, Equatable, Sendable {
  /// Another process listens on the port.
  case portTaken(UInt16)
  /// The system refused a call, with its `errno`.
  case system(String, Int32)
  /// The journal file could not be opened, with the `errno`.
  case journal(path: String, Int32)
  /// The fault rule at this place in the list, counted from 1, is not one.
  case fault(Int, String)
}

extension SandboxError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .portTaken(let port):
      "port \(port) is taken; choose another, or 0 to have one picked"
    case .system(let call, let code):
      "the sandbox cannot listen on 127.0.0.1: \(call): \(Self.words(code))"
    case .journal(let path, let code):
      "cannot write the journal \(path): \(Self.words(code))"
    case .fault(let place, let reason):
      "fault \(place): \(reason)"
    }
  }

  private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}
