import Foundation
import Scratch
import Testing
import Values

/// A folder of its own with a store and definitions in it, and the built binary to be run there.
///
/// The binary runs in the folder, so `rollcall.sqlite` and `audiences` are what it takes when
/// nothing is said.
final class Rollcall {
  /// How a process ended.
  enum Ending: Equatable {
    case code(Int32)
    case signal(Int32)
  }

  /// What a call of the binary left behind.
  struct Outcome {
    let ending: Ending
    let output: String
    let errors: String
  }

  let folder: URL
  /// What the binary finds in its environment, besides what every process needs.
  var environment: [String: String] = [:]

  init() throws {
    folder = Scratch.folder("command-line")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var store: String { path("rollcall.sqlite") }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  // MARK: Files

  func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    let file = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func write(_ text: String, to name: String) throws { try write(text.utf8, to: name) }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Writes a definition: front matter with a name alone, and a query. Its line 4 is the query.
  func define(_ file: String, _ query: String, name: String? = nil, front: String = "") throws {
    let name = name ?? String(file.prefix { $0 != "." })
    try write("---\nname: \(name)\n\(front)---\n\(query)\n", to: "audiences/" + file)
  }

  // MARK: The binary

  /// Runs a file of commands with the shell, where `rollcall` is the binary under test. Returns
  /// everything that was printed.
  func shell(_ script: String) throws -> String {
    let binary = try #require(Self.binary, "the binary is built beside the tests")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [script]
    process.currentDirectoryURL = folder
    var environment = environment(nil)
    environment["PATH"] =
      binary.deletingLastPathComponent().path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  /// The binary that was built beside the tests.
  private static let binary: URL? = {
    let here = [Bundle.main.executableURL?.path, CommandLine.arguments.first]
    let folders = here.compactMap {
      $0.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    }
    return folders.map { $0.appendingPathComponent("rollcall") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }()

  /// A process that goes on, and where it writes to.
  struct Running {
    fileprivate let process: Process
    fileprivate let files: [URL]

    /// What it has written to standard output by now.
    func output() throws -> String {
      String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
    }

    /// Asks it to end, as a service manager does.
    func terminate() { process.terminate() }

    var isRunning: Bool { process.isRunning }

    /// What it has written to standard error so far.
    func errors() throws -> String {
      String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
    }

    /// Waits until standard error holds a text; gives up when the process ends, or after a minute.
    func errors(holding text: String) throws -> String {
      for _ in 0..<3000 {
        let errors = try errors()
        if errors.contains(text) || !process.isRunning { return errors }
        Thread.sleep(forTimeInterval: 0.02)
      }
      return try errors()
    }

    func send(signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for its end.
    func outcome() throws -> Outcome {
      process.waitUntilExit()
      defer { for file in files { try? FileManager.default.removeItem(at: file) } }
      let status = process.terminationStatus
      return Outcome(
        ending: process.terminationReason == .exit ? .code(status) : .signal(status),
        output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
    }
  }

  /// Starts the binary with these words.
  ///
  /// - Parameters:
  ///   - crash: the commit before which a debug build ends itself, as `ingest:2`.
  ///   - launcher: a program with arguments that starts the binary, in place of this process.
  func start(
    _ words: [String], input: String? = nil, crash: String? = nil, launcher: [String] = []
  ) throws -> Running {
    let binary = try #require(Self.binary, "the binary is built beside the tests")
    let command = launcher + [binary.path] + words
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = folder
    process.environment = environment(crash)
    let call = UUID().uuidString
    let files = try ["in", "out", "err"].map { kind in
      let file = folder.appendingPathComponent(".\(call).\(kind)")
      try Data((kind == "in" ? input ?? "" : "").utf8).write(to: file)
      return file
    }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    return Running(process: process, files: files)
  }

  /// Runs the binary to its end.
  func run(
    _ words: [String], input: String? = nil, crash: String? = nil, launcher: [String] = []
  ) throws -> Outcome {
    try start(words, input: input, crash: crash, launcher: launcher).outcome()
  }

  func run(_ words: String..., input: String? = nil, crash: String? = nil) throws -> Outcome {
    try run(words, input: input, crash: crash)
  }

  /// Runs the binary with `--json`, expects a code, and gives the one document that it prints.
  @discardableResult
  func json(
    _ words: String..., exits code: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Value {
    let outcome = try run(words + ["--json"])
    #expect(
      outcome.ending == .code(code), "\(words): \(outcome.errors)", sourceLocation: sourceLocation)
    return try Value(json: outcome.output)
  }

  /// Writes calls to a file and ingests it.
  @discardableResult
  func ingest(
    _ calls: String, as name: String = "calls.ndjson",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Value {
    try write(calls, to: name)
    return try json("ingest", name, sourceLocation: sourceLocation)
  }

  /// The environment has no proxy and no Heap but those that a test sets.
  private func environment(_ crash: String?) -> [String: String] {
    var all = environment
    for name in ["PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR"] {
      all[name] = all[name] ?? ProcessInfo.processInfo.environment[name]
    }
    all["ROLLCALL_CRASH_BEFORE"] = crash
    return all
  }
}

extension Rollcall.Outcome {
  /// The diagnostics and messages, to be looked through as one text.
  var everything: String { output + errors }
}

extension Value {
  /// A number of a document; -1 when there is none, which no count is.
  var count: Int { numeric.map { Int($0) } ?? -1 }

  var elements: [Value] {
    if case .array(let elements) = self { return elements }
    return []
  }

  /// An element; absent when there is none.
  subscript(place: Int) -> Value {
    elements.indices.contains(place) ? elements[place] : .absent
  }

  /// The keys of an object, those of `null` included.
  var keys: [String] {
    if case .object(let members) = self { return members.map(\.key) }
    return []
  }

  /// The element whose `key` is this one.
  func definition(_ key: String) -> Value {
    elements.first { $0["key"] == .string(key) } ?? .absent
  }
}
