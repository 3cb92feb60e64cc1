import Foundation

/// What ends an ingest before its file does. Everything up to the last full batch is stored.
public enum IngestFailure: Error, Equatable, Sendable, CustomStringConvertible {
  case cannotOpen(path: String, code: Int32)
  case cannotRead(path: String, code: Int32)
  /// The refused lines could not be written down, so the batch that holds them was not stored.
  case cannotWriteRejects(path: String, code: Int32)

  public var description: String {
    switch self {
    case .cannotOpen(let path, let code): "cannot open \(path): \(String(cString: strerror(code)))"
    case .cannotRead(let path, let code): "cannot read \(path): \(String(cString: strerror(code)))"
    case .cannotWriteRejects(let path, let code):
      "cannot write the refused lines to \(path): \(String(cString: strerror(code)))"
    }
  }
}
