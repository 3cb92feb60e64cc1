import Foundation
import Glibc

/// How a command ended, and what it took.
struct ChildOutcome {
  let exitCode: Int32
  let output: String
  let errors: String
  /// From the start of the process to its end.
  let wall: Duration
  /// User and system time of all its threads.
  let user: Duration
  let system: Duration
  /// The largest resident set, in bytes: pages of files that it has mapped count too.
  let peak: Int
  /// The largest resident set without pages of files, in bytes, as seen every few milliseconds. Nil
  /// for a command that ended before the first look.
  let peakWithoutFiles: Int?
}

enum ChildError: Error, CustomStringConvertible {
  case notStarted(String, Int32)

  var description: String {
    switch self {
    case .notStarted(let path, let code):
      "'\(path)' cannot be started: \(String(cString: strerror(code)))"
    }
  }
}

/// One command, run to its end and measured by the system's own accounts.
enum Child {
  /// Runs a command whose first word is the path of a program.
  ///
  /// The peak is never under what the harness itself held when it started the command: Linux takes
  /// it over. So the harness stays small, and data is generated in a process of its own.
  static func run(_ command: [String], output: String? = nil) throws -> ChildOutcome {
    let folder = FileManager.default.temporaryDirectory.path
    let stem = folder + "/benchmarks-\(UUID().uuidString)"
    let files = (output: output ?? stem + ".out", errors: stem + ".err")
    defer {
      if output == nil { unlink(files.output) }
      unlink(files.errors)
    }
    let clock = ContinuousClock()
    let start = clock.now
    let id = try spawn(command, output: files.output, errors: files.errors)
    let watch = MemoryWatch(id)
    var status: Int32 = 0
    var usage = rusage()
    while wait4(id, &status, 0, &usage) < 0 && errno == EINTR {}
    let wall = clock.now - start
    let signal = status & 0x7f
    return ChildOutcome(
      exitCode: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
      output: output == nil ? try text(files.output) : "", errors: try text(files.errors),
      wall: wall, user: Duration(usage.ru_utime), system: Duration(usage.ru_stime),
      peak: usage.ru_maxrss * 1024, peakWithoutFiles: watch.end())
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  private static func spawn(
    _ command: [String], output: String, errors: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, flags, 0o600)
    // A child begins as a shell starts it, whatever this process has decided for itself.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var words = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var id: pid_t = 0
    let code = posix_spawn(&id, command[0], &actions, &attributes, &words, environ)
    guard code == 0 else { throw ChildError.notStarted(command[0], code) }
    return id
  }
}

extension Duration {
  fileprivate init(_ time: timeval) {
    self = .seconds(time.tv_sec) + .microseconds(time.tv_usec)
  }

  var seconds: Double {
    let parts = components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }
}
