import Foundation

/// What the command line asks for.
struct Options {
  var events = 100_000
  var users: Int?
  var seed: UInt64 = 1
  var repeats = 5
  var cases: [String]?
  var peers: [PeerName] = []
  var threads = 2
  var hours = 7 * 24
  var work = FileManager.default.temporaryDirectory.path + "/rollcall-benchmarks"
  var binary: String?
  var source = "benchmarks"
  var out: String?
  var keeps = false

  static let help = """
    benchmarks run       generates the data, runs the cases, writes results.json and results.md
    benchmarks generate  generates the data only
    benchmarks cases     lists the cases

      --events N      events of the data set (100000); the full size is 10000000
      --users N       users of the data set (a tenth of the events)
      --seed N        of the data set and the further definitions (1)
      --cases A,B     only these cases (all)
      --repeat N      how often each is measured; medians count (5)
      --peers A,B     duckdb, chdb, sqlite, or all: run them beside (none)
      --threads N     of the peers (2)
      --hours N       of each of the two weeks in 'weeks' (168)
      --work DIR      the working folder (rollcall-benchmarks in the temporary directory)
      --binary FILE   the release binary (beside this one)
      --source DIR    the folder with audiences, sql and peers (benchmarks)
      --out DIR       where results.json and results.md go (the working folder)
      --keep          leave the stores in the working folder
    """

  init(_ words: ArraySlice<String>) throws(OptionError) {
    var rest = words
    while let word = rest.popFirst() {
      if word == "--keep" {
        keeps = true
        continue
      }
      guard word.hasPrefix("--"), Self.help.contains("  \(word) ") else { throw .unknown(word) }
      guard let value = rest.popFirst() else { throw .noValue(word) }
      try set(word, value)
    }
    guard population.isLargeEnough else { throw .tooSmall }
  }

  private mutating func set(_ flag: String, _ value: String) throws(OptionError) {
    switch flag {
    case "--events": events = try Self.number(flag, value)
    case "--users": users = try Self.number(flag, value)
    case "--seed": seed = UInt64(try Self.number(flag, value))
    case "--repeat": repeats = try Self.number(flag, value)
    case "--threads": threads = try Self.number(flag, value)
    case "--hours": hours = try Self.number(flag, value)
    case "--cases": cases = try Self.cases(value)
    case "--peers": peers = try Self.peers(value)
    case "--work": work = value
    case "--binary": binary = value
    case "--source": source = value
    case "--out": out = value
    default: throw .unknown(flag)
    }
  }

  private static func number(_ flag: String, _ value: String) throws(OptionError) -> Int {
    guard let number = Int(value), number > 0 else { throw .notANumber(flag, value) }
    return number
  }

  private static func cases(_ value: String) throws(OptionError) -> [String] {
    let names = value.split(separator: ",").map(String.init)
    for name in names where !Case.all.contains(where: { $0.name == name }) {
      throw .noCase(name)
    }
    return names
  }

  private static func peers(_ value: String) throws(OptionError) -> [PeerName] {
    if value == "all" { return PeerName.allCases }
    var peers: [PeerName] = []
    for name in value.split(separator: ",") {
      guard let peer = PeerName(rawValue: String(name)) else { throw .noPeer(String(name)) }
      peers.append(peer)
    }
    return peers
  }

  var population: Population {
    Population(events: events, users: users ?? events / 10, seed: seed)
  }

  /// The cases that were asked for, in their order.
  var chosen: [Case] { Case.all.filter { cases?.contains($0.name) ?? true } }
}

enum OptionError: Error, Equatable, CustomStringConvertible {
  case unknown(String)
  case noValue(String)
  case notANumber(String, String)
  case noCase(String)
  case noPeer(String)
  case tooSmall

  var description: String {
    switch self {
    case .unknown(let word): "there is no '\(word)'"
    case .noValue(let flag): "'\(flag)' needs a value"
    case .notANumber(let flag, let value): "'\(flag)' is a whole number over 0, not '\(value)'"
    case .noCase(let name): "there is no case '\(name)': see 'benchmarks cases'"
    case .noPeer(let name): "there is no peer '\(name)': duckdb, chdb, sqlite"
    case .tooSmall: "the smallest data set has 1000 events of 100 users"
    }
  }
}
