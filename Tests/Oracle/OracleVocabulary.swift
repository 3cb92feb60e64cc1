/// What kind of values a field usually has, so that tests and values go together.
enum OracleTopic: CaseIterable {
  case number, text, flag, date, whole
}

/// The small alphabets of a random case, so that queries and data meet.
struct OracleVocabulary {
  let constructs: OracleConstructs
  /// The instant of the case.
  let now: Int64
  /// Timestamps and dates lie on multiples of this, away from `now`.
  let grid: Int64
  let durations: [OracleDuration]
  /// A few of each, so that things repeat.
  let eventNames: [String]
  let numbers: [Double]
  let texts: [String]

  init(_ constructs: OracleConstructs, random: inout OracleRandom) {
    self.constructs = constructs
    let unit = random.pick(OracleDuration.Unit.allCases)
    grid = unit.rawValue / 2
    // 2026-03-01, a day at most before it or after it.
    now = 1_772_323_200_000 + Int64(random.int(in: -48...48)) * 1_800_000
    var durations = (1...5).map { OracleDuration($0, unit) }
    switch unit {
    case .second: break
    case .minute: durations += [OracleDuration(60, .second), OracleDuration(90, .second)]
    case .hour: durations += [OracleDuration(30, .minute), OracleDuration(120, .minute)]
    case .day: durations += [OracleDuration(24, .hour), OracleDuration(36, .hour)]
    case .week: durations += [OracleDuration(7, .day), OracleDuration(10, .day)]
    }
    if constructs.contains(.zeroDurations) { durations.append(OracleDuration(0, unit)) }
    self.durations = durations
    func some<Element>(_ count: Int, of all: [Element]) -> [Element] {
      Array(random.shuffled(all).prefix(count))
    }
    let names =
      ["Shoes Returned", "Cart Viewed"]
      + (constructs.contains(.pages) ? ["Page Viewed", "Screen Viewed"] : [])
      + (constructs.contains(.unicode) ? ["Caf\u{E9}", "Cafe\u{301}"] : [])
    eventNames = ["Shoes Bought", "Shoes Bought"] + some(2, of: names)
    numbers = [2, 3] + some(5, of: Self.allNumbers(constructs))
    texts = ["red", "red"] + some(5, of: Self.allTexts(constructs))
  }

  var topics: [OracleTopic] {
    OracleTopic.allCases.filter { $0 != .date || constructs.contains(.dates) }
  }

  /// The paths of properties and traits with a usual kind of value.
  func paths(_ topic: OracleTopic) -> [[String]] {
    let objects = constructs.contains(.objects)
    let fanOut = constructs.contains(.fanOut)
    return switch topic {
    case .number:
      [["price"], ["price"], ["qty"]] + (objects ? [["box", "w"]] : [])
        + (fanOut ? [["items", "$", "qty"], ["sizes", "$"]] : [])
    case .text:
      [["brand"], ["brand"], ["primary topic"], ["page_name"]]
        + (objects ? [["a.b"], ["box", "c.d"], ["box", "brand"]] : [])
        + (fanOut ? [["items", "$", "sku"], ["tags", "$"], ["items", "$", "tags", "$"]] : [])
    case .flag: [["active"]]
    case .date:
      [["due"]] + (objects ? [["box", "due"]] : []) + (fanOut ? [["days", "$"]] : [])
    case .whole:
      [["tags"], ["items"], ["box"], ["sizes"]]
        + (fanOut ? [["price", "$"], ["items", "$"], ["items", "sku"]] : [])
    }
  }

  var contextPaths: [(OracleTopic, [String])] {
    [(.text, ["source_id"]), (.text, ["page", "path"])]
      + (constructs.contains(.dates) ? [(.date, ["timestamp"])] : [])
  }

  private static func allNumbers(_ constructs: OracleConstructs) -> [Double] {
    [0, 1, 5, 10, 50, 100, 0.1, 0.2, 0.3, -1, -0.0, 1e21, 1e-7, 99.5]
      + (constructs.contains(.overflow) ? [1.7e308, -1.7e308, .leastNonzeroMagnitude] : [])
  }

  private static func allTexts(_ constructs: OracleConstructs) -> [String] {
    ["blue", "blue", "green", "redder", "", "true", "50", "50.0", "00123"]
      + ["123", "it's", "say \"hi\"", "a\\b", "two\nlines", "a/b"]
      + (constructs.contains(.unicode)
        ? ["\u{E9}", "e\u{301}", "\u{E9}", "\u{1F600}", "\u{FF5A}", "e", "it\u{2019}s"] : [])
  }

  var sources: [String] { ["web", "ios", "7"] }

  /// An instant near now.
  func instant(_ random: inout OracleRandom, from early: Int, to late: Int) -> Int64 {
    let jitter = random.chance(20) ? Int64(random.pick([-1, 1])) : 0
    return now + Int64(random.int(in: early...late)) * grid + jitter
  }

  /// A text of the date form, near now, in one of the ways of writing it.
  func date(_ random: inout OracleRandom) -> String {
    let instant = instant(&random, from: -12, to: 12)
    let text = OracleDate.text(of: instant)
    if instant % 86_400_000 == 0, random.chance(70) { return String(text.prefix(10)) }
    switch random.int(in: 0...5) {
    case 0: return String(text.dropLast())
    case 1: return OracleDate.text(of: instant + 7_200_000).dropLast() + "+02:00"
    case 2: return OracleDate.text(of: instant - 19_800_000).dropLast() + "-0530"
    case 3: return OracleDate.text(of: instant + 3_600_000).dropLast() + "99+01"
    case 4 where instant % 60_000 == 0: return text.prefix(16) + (random.chance(50) ? "Z" : "")
    case 4 where instant % 1000 == 0: return text.prefix(19) + "Z"
    default: return text
    }
  }
}
