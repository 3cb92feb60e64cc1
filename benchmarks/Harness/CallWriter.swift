import Values

/// Writes one call after the other as lines of JSON, bytes at once.
///
///     {"type":"track","messageId":"…","userId":"u17","timestamp":"2025-01-01T00:00:00.000Z",
///      "event":"Order Completed","properties":{"total":49.90,"quantity":2,"category":"Shoes",
///      "sku":"SKU-00042","url":"https://shop.example/shoes/sku-00042/8f3c?utm_campaign=spring"}}
///
/// A call depends on the seed and its number alone.
struct CallWriter {
  private let population: Population
  private let names = Vocabulary.events.map { Array($0.utf8) }
  private let categories = Vocabulary.categories.map { Array($0.utf8) }
  private let campaigns = Vocabulary.campaigns.map { Array($0.utf8) }
  private let plans = Vocabulary.plans.map { Array($0.utf8) }
  private let countries = Vocabulary.countries.map { Array($0.utf8) }
  private let eventRanks = Zipf(Vocabulary.events.count)
  private let productRanks = Zipf(Vocabulary.products)
  /// The UTC day that was written last, and its text.
  private var day: (number: Int64, text: [UInt8]) = (.min, [])

  init(_ population: Population) { self.population = population }

  /// Writes line number `line` of the data set.
  mutating func line(_ line: Int, to out: inout LineBuffer) throws {
    let users = population.users
    let before = line * users / population.lines
    var random = Randomness(seed: population.seed, element: line)
    if (line + 1) * users / population.lines > before {
      let user = population.scattered(before)
      try identify(user, at: population.arrival(line), &random, to: &out)
    } else {
      let user = population.somebody(&random)
      try event(user, at: time(line, &random), &random, to: &out)
    }
  }

  /// Writes an event of one user at an instant; `number` tells it from all others.
  mutating func change(
    _ number: Int, of user: Int, at time: Int64, to out: inout LineBuffer
  ) throws {
    var random = Randomness(seed: ~population.seed, element: number)
    try event(user, at: time, &random, to: &out)
  }

  /// Writes that the address of one user is gone, or back; `number` tells it from all others.
  mutating func address(
    _ number: Int, of user: Int, isGone: Bool, at time: Int64, to out: inout LineBuffer
  ) throws {
    var random = Randomness(seed: ~population.seed, element: number)
    begin("{\"type\":\"identify\"", user, time, &random, &out)
    if isGone {
      out.add(",\"traits\":{\"email\":null}}")
    } else {
      out.add(",\"traits\":{\"email\":\"u")
      out.add(user)
      out.add("@mail.example\"}}")
    }
    try out.endLine()
  }

  /// One event in a hundred happened up to a week before it arrives.
  private func time(_ line: Int, _ random: inout Randomness) -> Int64 {
    let arrival = population.arrival(line)
    guard random.below(100) == 0 else { return arrival }
    let earliest = Population.start.milliseconds
    return max(earliest, arrival - Int64(random.below(7 * 86_400_000)))
  }

  // MARK: Calls

  private mutating func event(
    _ user: Int, at time: Int64, _ random: inout Randomness, to out: inout LineBuffer
  ) throws {
    let name = eventRanks.rank(&random)
    begin(name == 0 ? "{\"type\":\"page\"" : "{\"type\":\"track\"", user, time, &random, &out)
    if name > 0 {
      out.add(",\"event\":\"")
      out.add(names[name])
      out.add("\"")
    }
    out.add(",\"properties\":{\"total\":")
    let cents = 100 + random.below(200) * random.below(200)
    out.add(cents / 100)
    out.add(".")
    out.add(cents % 100, width: 2)
    out.add(",\"quantity\":")
    out.add(1 + random.below(3) * random.below(4))
    let category = random.below(categories.count)
    out.add(",\"category\":\"")
    out.add(categories[category])
    out.add("\",\"sku\":\"SKU-")
    let product = productRanks.rank(&random)
    out.add(product, width: 5)
    out.add("\",\"url\":\"https://shop.example/")
    out.add(categories[category])
    out.add("/")
    out.add(hexadecimal: random.next(), digits: 10)
    if random.below(5) == 0 {
      out.add("?utm_campaign=")
      out.add(campaigns[random.below(campaigns.count)])
    }
    out.add("\"}}")
    try out.endLine()
  }

  private mutating func identify(
    _ user: Int, at time: Int64, _ random: inout Randomness, to out: inout LineBuffer
  ) throws {
    begin("{\"type\":\"identify\"", user, time, &random, &out)
    out.add(",\"traits\":{\"email\":\"u")
    out.add(user)
    out.add("@mail.example\",\"plan\":\"")
    out.add(plans[random.below(plans.count)])
    out.add("\",\"country\":\"")
    out.add(countries[random.below(countries.count)])
    out.add("\",\"age\":")
    out.add(18 + random.below(60))
    out.add(",\"renewal_date\":\"")
    addDay(Population.end.milliseconds + Int64(random.below(365)) * 86_400_000, &out)
    out.add("\"}}")
    try out.endLine()
  }

  private mutating func begin(
    _ type: StaticString, _ user: Int, _ time: Int64, _ random: inout Randomness,
    _ out: inout LineBuffer
  ) {
    out.add(type)
    out.add(",\"messageId\":\"")
    let high = random.next()
    out.add(hexadecimal: high >> 32, digits: 8)
    out.add("-")
    out.add(hexadecimal: high >> 16, digits: 4)
    out.add("-")
    out.add(hexadecimal: high, digits: 4)
    out.add("-")
    let low = random.next()
    out.add(hexadecimal: low >> 48, digits: 4)
    out.add("-")
    out.add(hexadecimal: low, digits: 12)
    out.add("\",\"userId\":\"u")
    out.add(user)
    out.add("\",\"timestamp\":\"")
    addTime(time, &out)
    out.add("\"")
  }

  private mutating func addTime(_ time: Int64, _ out: inout LineBuffer) {
    addDay(time, &out)
    let rest = Int(time % 86_400_000)
    out.add("T")
    out.add(rest / 3_600_000, width: 2)
    out.add(":")
    out.add(rest / 60_000 % 60, width: 2)
    out.add(":")
    out.add(rest / 1000 % 60, width: 2)
    out.add(".")
    out.add(rest % 1000, width: 3)
    out.add("Z")
  }

  private mutating func addDay(_ time: Int64, _ out: inout LineBuffer) {
    let number = time / 86_400_000
    if number != day.number {
      let text = Instant(milliseconds: time).description
      day = (number, Array(text.utf8.prefix { $0 != UInt8(ascii: "T") }))
    }
    out.add(day.text)
  }
}
