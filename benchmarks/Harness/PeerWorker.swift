import Foundation
import Values

/// A peer's process: it is given orders as lines of JSON, and answers each with one.
///
/// Between orders it is stopped, so that its threads take nothing from whoever is measured.
final class PeerWorker {
  let name: PeerName
  private let process = Process()
  private let orders = Pipe()
  private let answers = Pipe()
  private var rest: [UInt8] = []

  /// - Parameters:
  ///   - python: the interpreter of the virtual environment with the peers in it.
  ///   - scripts: the folder with `worker.py`.
  init(_ name: PeerName, python: String, scripts: String, folder: String, threads: Int) throws {
    self.name = name
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-B", scripts + "/worker.py", name.module, folder, String(threads)]
    process.standardInput = orders
    process.standardOutput = answers
    signal(SIGPIPE, SIG_IGN)
    try process.run()
    kill(process.processIdentifier, SIGSTOP)
  }

  deinit {
    kill(process.processIdentifier, SIGCONT)
    try? orders.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Has the peer do one thing, and waits for its answer.
  @discardableResult
  func ask(_ order: String, _ words: [Value.Member] = []) throws -> Value {
    kill(process.processIdentifier, SIGCONT)
    defer { kill(process.processIdentifier, SIGSTOP) }
    let line = Value.object([.init("do", .string(order))] + words).json + "\n"
    // What a process that ended cannot be told, it cannot answer either.
    try? orders.fileHandleForWriting.write(contentsOf: Array(line.utf8))
    guard let text = nextLine() else { throw PeerError.gone(name) }
    let answer = try Value(json: text)
    if case .string(let error) = answer["error"] { throw PeerError.failed(name, order, error) }
    return answer
  }

  private func nextLine() -> String? {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        defer { rest.removeFirst(end + 1) }
        return String(decoding: rest[..<end], as: UTF8.self)
      }
      let more = answers.fileHandleForReading.availableData
      guard !more.isEmpty else { return nil }
      rest += more
    }
  }
}

enum PeerError: Error, CustomStringConvertible {
  case notInstalled(String)
  case gone(PeerName)
  case failed(PeerName, String, String)
  case otherMembers([String])

  var description: String {
    switch self {
    case .notInstalled(let reason): "the peers cannot be installed: \(reason)"
    case .gone(let name): "the process of \(name.rawValue) ended"
    case .failed(let name, let order, let reason):
      "\(name.rawValue) failed to \(order): \(reason)"
    case .otherMembers(let lines):
      "the engines do not find the same members:\n" + lines.joined(separator: "\n")
    }
  }
}
