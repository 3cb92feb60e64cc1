import Delivery
import Dispatch
import Foundation
import Operations
import Values

extension Verb {
  static let serve = Verb(
    "serve", "runs on a cadence until SIGTERM; SIGHUP reads the definitions again",
    flags: [
      Flag("--every", "DURATION", "the time between two runs, on the clock (needed): 2h"),
      Flag("--log", "FORMAT", "text or json: a line for each run, on standard error (text)"),
      Flag("--keep", "DURATION", "how long runs and their changes are kept (400d)"),
      Flag("--attempts", "N", "how often an unanswered request is sent, at most (5)"),
    ]
  ) { call in
    let arguments = call.arguments
    guard let every = try arguments.duration("--every"), every > .zero else {
      throw OperationError(
        .usage, "'serve' needs the time between two runs", help: "add --every 2h")
    }
    guard !arguments.has("--at") else {
      throw OperationError(.usage, "'serve' goes by the clock, and takes no --at")
    }
    let format = arguments["--log"] ?? (call.isJSON ? "json" : "text")
    guard ["text", "json"].contains(format) else {
      throw OperationError(.usage, "'--log' is text or json")
    }
    var options = RunOptions()
    options.keep = try arguments.duration("--keep") ?? options.keep
    options.policy = try RetryPolicy(arguments)
    let timekeeper = SystemTimekeeper()
    let signals = ServiceSignals(timekeeper)
    defer { withExtendedLifetime(signals) {} }
    let log = ServiceLog(output: call.output, isJSON: format == "json")
    var session = call.session
    // The log is what there is to see.
    session.progress = { _, _, _ in }
    var service = Service(session, Cadence(every: every), options, timekeeper) {
      log.write($0)
    }
    try service.serve()
    return .done
  }
}

/// SIGTERM and SIGINT ask for the end, SIGHUP for another look at the definitions.
private final class ServiceSignals {
  private let sources: [any DispatchSourceSignal]

  init(_ timekeeper: SystemTimekeeper) {
    let handlers: [(Int32, @Sendable () -> Void)] = [
      (SIGTERM, { timekeeper.stop() }), (SIGINT, { timekeeper.stop() }),
      (SIGHUP, { timekeeper.reread() }),
    ]
    sources = handlers.map { number, handler in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler(handler: handler)
      source.resume()
      return source
    }
  }

  deinit { for source in sources { source.cancel() } }
}
