import Foundation
import HeapSandbox
import Operations
import Values

extension Verb {
  static let sandbox = Verb(
    "sandbox", "a strict local Heap on loopback, to rehearse against, until it is stopped",
    flags: [
      Flag("--port", "N", "the port; 0 picks one (8080)"),
      Flag("--app", "ID[=REGION]", "a known app id; may be repeated (every number)"),
      Flag("--region", "REGION", "the region that the port stands for: us or eu (us)"),
      Flag("--profile", "NAME", "strict, or lenient as other clients report Heap to be (strict)"),
      Flag("--account-id-property", "NAME", "the user property that names a user's account"),
      Flag("--max-body", "BYTES", "the largest body (1048576)"),
      Flag(
        "--partial", "MODE", "for a bulk request with a bad item: refuse or apply-valid (refuse)"),
      Flag("--limit", "NAME=N/TIME", "a rate limit like 30/30s, or off; may be repeated"),
      Flag("--limit-mode", "MODE", "over a limit: refuse with 429, or drop with 200 (refuse)"),
      Flag("--shared-counter", nil, "single events and user properties share one limit"),
      Flag("--retry-after", "FORM", "of a 429: absent, seconds or date (seconds)"),
      Flag("--empty-204", nil, "204 or an empty body in place of {}, at random"),
      Flag("--seed", "N", "of --empty-204 (0)"),
      Flag("--faults", "FILE", "a script of faults, in force from the start"),
      Flag("--journal", "FILE", "write a line for each request"),
    ]
  ) { call in
    let configuration = try HeapSandbox.Configuration(call.arguments, at: call.session.at)
    let sandbox = try HeapSandbox(configuration)
    let stopped = StopSignal()
    sandbox.start()
    if call.isJSON {
      call.output.document([
        .init("url", .string(sandbox.url)), .init("port", .init(count: Int(sandbox.port))),
        .init("profile", .string(configuration.profile.rawValue)),
        .init("region", .string(configuration.region.rawValue)),
      ])
    } else {
      call.output.line("a \(configuration.profile.rawValue) Heap listens at \(sandbox.url)")
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
