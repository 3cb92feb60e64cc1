import Foundation
import Values

/// A strict Heap of its own: the binary's `sandbox`, on a port that it picks, with a journal.
final class SandboxProcess {
  let url: String
  private let process = Process()
  private let journal: String
  private var read = 0

  /// - Parameters:
  ///   - binary: the path of the program.
  ///   - folder: where the journal lies while the process lives.
  init(binary: String, folder: String) throws {
    journal = folder + "/sandbox-\(UUID().uuidString).journal"
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = ["sandbox", "--port", "0", "--json", "--journal", journal]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    var text: [UInt8] = []
    var address: String?
    while address == nil {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw SandboxError.notStarted }
      text += more
      if case .string(let url)? = (try? Value(json: String(decoding: text, as: UTF8.self)))?["url"]
      {
        address = url
      }
    }
    url = address ?? ""
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: journal)
  }

  /// What came since the last call.
  func traffic() throws -> Traffic {
    let lines = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n")
    defer { read = lines.count }
    return Traffic(requests: try lines.dropFirst(read).map { try Value(json: String($0)) })
  }

  /// Some requests as the journal has them.
  struct Traffic {
    let requests: [Value]

    private func sum(_ key: String) -> Int {
      requests.reduce(0) { $0 + Int($1[key].numeric ?? 0) }
    }

    var values: Int { sum("property_writes") }
    /// Values that were there already.
    var repeated: Int { sum("no_op_property_writes") }
    var largestBody: Int { requests.map { Int($0["bytes"].numeric ?? 0) }.max() ?? 0 }
    var areAccepted: Bool { requests.allSatisfy { $0["decision"] == .string("accepted") } }
  }
}

enum SandboxError: Error, CustomStringConvertible {
  case notStarted

  var description: String { "'rollcall sandbox' ended before it listened" }
}
