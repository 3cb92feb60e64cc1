// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
]

/// What tests call millions of times is optimised in debug builds too.
let optimised: [SwiftSetting] =
  strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "rollcall",
  products: [.executable(name: "rollcall", targets: ["rollcall"])],
  targets: [
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "CDemoData", exclude: ["cdnow-sample.txt"]),
    // The processor's instructions for SHA-256, which Swift cannot name.
    .target(name: "CSHA256", cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
    .target(name: "Values", dependencies: ["CSHA256"], swiftSettings: optimised),
    .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: optimised),
    .target(name: "Definitions", dependencies: ["Values"], swiftSettings: optimised),
    .target(name: "Evaluation", dependencies: ["Definitions", "Values"], swiftSettings: optimised),
    .target(
      name: "EventStore", dependencies: ["SQLite", "Evaluation", "Values"],
      swiftSettings: optimised),
    .target(
      name: "Membership", dependencies: ["SQLite", "Evaluation", "Definitions", "Values"],
      swiftSettings: optimised),
    .target(
      name: "Models", dependencies: ["SQLite", "Definitions", "Values"], swiftSettings: optimised),
    .target(
      name: "Delivery", dependencies: ["Models", "Membership", "SQLite", "Definitions", "Values"],
      swiftSettings: optimised),
    .target(name: "HeapSandbox", dependencies: ["Values"], swiftSettings: optimised),
    .target(
      name: "Operations",
      dependencies: [
        "Values", "SQLite", "Definitions", "Evaluation", "EventStore", "Membership", "Models",
        "Delivery",
      ],
      swiftSettings: optimised),
    .executableTarget(
      name: "rollcall",
      dependencies: [
        "Operations", "HeapSandbox", "CDemoData",
        // The words of the reports: no verb reaches past Operations for more.
        "Values", "Definitions", "EventStore", "Membership", "Models", "Delivery",
      ],
      swiftSettings: strict),
    // Measures the release binary from outside; of the engine it knows no more than how to read.
    .executableTarget(
      name: "benchmarks", dependencies: ["SQLite", "Values"], path: "benchmarks/Harness",
      swiftSettings: optimised),
    .testTarget(name: "ValuesTests", dependencies: ["Values"], swiftSettings: strict),
    .testTarget(
      name: "DefinitionsTests", dependencies: ["Definitions", "Values"], swiftSettings: strict),
    // Where tests put their stores.
    .target(name: "Scratch", path: "Tests/Scratch", swiftSettings: strict),
    // The second evaluator: written from the language's definition alone, with nothing of the first.
    .target(name: "Oracle", path: "Tests/Oracle", swiftSettings: optimised),
    .testTarget(name: "OracleTests", dependencies: ["Oracle"], swiftSettings: strict),
    .testTarget(
      name: "EvaluationTests",
      dependencies: ["Evaluation", "EventStore", "Definitions", "Values", "Oracle"],
      swiftSettings: strict),
    .testTarget(
      name: "ExampleTests",
      dependencies: ["rollcall", "Operations", "Evaluation", "Definitions", "Values", "Scratch"],
      swiftSettings: strict),
    .testTarget(
      name: "EventStoreTests",
      dependencies: ["EventStore", "Oracle", "SQLite", "Values", "Scratch"],
      swiftSettings: strict),
    .testTarget(
      name: "ModelTests",
      dependencies: [
        "Models", "Operations", "Delivery", "Membership", "EventStore", "Definitions",
        "HeapSandbox", "SQLite", "Values", "Scratch",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DeliveryTests",
      dependencies: ["Delivery", "Membership", "EventStore", "Definitions", "SQLite", "Values"],
      swiftSettings: strict),
    .testTarget(
      name: "OperationsTests",
      dependencies: [
        "Operations", "Delivery", "Membership", "EventStore", "Evaluation", "Definitions", "SQLite",
        "Values", "Oracle", "Scratch",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ExplainTests",
      dependencies: [
        "Operations", "Evaluation", "EventStore", "Definitions", "SQLite", "Values", "Oracle",
        "Scratch",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "HeapSandboxTests", dependencies: ["HeapSandbox", "Values"], swiftSettings: strict),
    .testTarget(
      name: "ImportTests",
      dependencies: ["rollcall", "Operations", "Definitions", "Values", "Scratch"],
      swiftSettings: strict),
    .testTarget(
      name: "BenchmarkTests",
      dependencies: ["benchmarks", "rollcall", "Operations", "SQLite", "Values", "Scratch"],
      swiftSettings: strict),
    // Runs the built binary as people do, against stores and sandboxes of its own.
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "rollcall", "HeapSandbox", "Membership", "SQLite", "Values", "Oracle", "Scratch",
      ],
      swiftSettings: strict),
  ]
)
