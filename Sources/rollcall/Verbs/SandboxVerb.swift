import Foundation
import HeapSandbox
import Operations
import Values

extension Verb {
  static let sandbox = Verb(
    "sandbox", "a strict local Heap on loopback, to rehearse against, until it is stopped",
    flags: [
      Flag("--port", "N", "the port; 0 picks one (8080)"),
      Flag("--app", "ID", "a known app id; may be repeated (every number)"),
      Flag("--journal", "FILE", "write a line for each request"),
    ]
  ) { call in
    let port = try call.arguments.integer("--port", in: 0...65_535) ?? 8080
    let apps = call.arguments.all("--app")
    let sandbox = try HeapSandbox(
      .init(
        port: UInt16(port), knownApps: apps.isEmpty ? nil : Set(apps),
        journal: call.arguments["--journal"]))
    let stopped = StopSignal()
    sandbox.start()
    if call.isJSON {
      call.output.document([
        .init("url", .string(sandbox.url)), .init("port", .init(count: Int(sandbox.port))),
      ])
    } else {
      call.output.line("a strict Heap listens at \(sandbox.url)")
      call.output.line("  send to it: HEAP_URL=\(sandbox.url) HEAP_APP_ID=11 rollcall run")
      call.output.line("  look at it: \(sandbox.url)/__/state.json, /__/counters")
    }
    stopped.wait()
    sandbox.stop()
    return .done
  }
}

/// Waits for SIGINT or SIGTERM.
private final class StopSignal {
  private let sources: [any DispatchSourceSignal]
  private let semaphore = DispatchSemaphore(value: 0)

  init() {
    let semaphore = semaphore
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { @Sendable in semaphore.signal() }
      source.resume()
      return source
    }
  }

  func wait() {
    semaphore.wait()
    for source in sources { source.cancel() }
  }
}
