import Testing

@testable import Oracle

@Suite struct GeneratorTests {
  @Test func `the same seed gives the same case`() {
    var one = OracleGenerator(seed: 5, options: .everything)
    var other = OracleGenerator(seed: 5, options: .everything)
    for _ in 0..<20 {
      let left = one.makeCase()
      let right = other.makeCase()
      #expect(left.description.isExactly(right.description))
      #expect(left.files(seed: 1).map(\.content) == right.files(seed: 1).map(\.content))
    }
  }

  @Test(arguments: [OracleOptions.userLevel, .everything])
  func `about half of the audiences hold`(options: OracleOptions) {
    var generator = OracleGenerator(seed: 2, options: options)
    var held = 0
    var all = 0
    for _ in 0..<300 {
      let one = generator.makeCase()
      let world = one.world
      for definition in one.definitions where definition.isAudience {
        for subject in world.subjects(of: definition.key, at: one.now) {
          all += 1
          if world.value(of: definition.key, for: subject, at: one.now) == true { held += 1 }
        }
      }
    }
    #expect((30...70).contains(held * 100 / all), "\(held) of \(all)")
  }

  @Test(arguments: [OracleOptions.userLevel, .everything])
  func `between two boundaries nothing changes`(options: OracleOptions) {
    var generator = OracleGenerator(seed: 3, options: options)
    var random = OracleRandom(seed: 4)
    for _ in 0..<25 {
      let one = generator.makeCase()
      let world = one.world
      for definition in one.definitions {
        for subject in world.subjects(of: definition.key, at: one.now) {
          var last = one.now
          for next in world.boundaries(of: definition.key, for: subject, after: one.now) {
            defer { last = next }
            guard next - last > 1, random.chance(5) else { continue }
            let between = last + 1 + Int64(random.next() % UInt64(next - last - 1))
            let before = world.value(of: definition.key, for: subject, at: last)
            #expect(world.value(of: definition.key, for: subject, at: between) == before)
          }
        }
      }
    }
  }

  @Test func `a case shrinks to what matters`() throws {
    var generator = OracleGenerator(seed: 6)
    // A case fails when it has an event with the price 3 and a definition with a window.
    func fails(_ one: OracleCase) -> Bool {
      one.calls.contains { $0.properties["price"] == 3 }
        && one.files().contains { $0.content.contains("within(") }
    }
    var found = generator.makeCase()
    while !fails(found) { found = generator.makeCase() }
    let small = found.shrunk(while: fails)
    #expect(fails(small))
    #expect(small.calls.count == 1)
    #expect(small.calls.first?.properties == ["price": 3])
    #expect(small.definitions.count == 1)
  }

  @Test func `constructs that are off do not occur`() {
    var generator = OracleGenerator(seed: 8, options: OracleOptions([]))
    for _ in 0..<200 {
      let text = generator.makeCase().files().map(\.content).joined()
      for word in ["parent:", "$", "expires_after", "sources", "context(", "within", "type: acc"] {
        #expect(!text.contains(word), "\(word) in \(text)")
      }
    }
  }

  @Test func `every construct occurs`() {
    var generator = OracleGenerator(seed: 10, options: .everything)
    var queries = ""
    var lines = ""
    for seed in 0..<400 {
      let one = generator.makeCase()
      queries += one.files().map(\.content).joined()
      queries += one.files(seed: UInt64(seed)).map(\.content).joined()
      lines += one.ndjson
    }
    let words = [
      "parent: '", "within(parent:", "between(parent:", "expires_after(", "sources(", "context(",
      ".$", "trait('d", "ANY ", "ALL ", "NOT ", " OR ", " AND ", "include_anonymous", "as number",
      "as string", "as array", "mode(", "unique(", ".count()", "sum(", "avg(", "first(", "last(",
      "min(", "max(", "within_last(", "within_next(", "before_last(", "after_next(",
      "before_date(", "after_date(", "one_of(", "none_of(", "contains(", "omits(",
      "starts_with(", "ends_with(", "exists()", "absent()", "literal(", "==", "&&", "||", "!", "{",
      "[", "is_set(", "is_null(", "contains_one(", ".eq(", ".lte(", "--", "\u{201C}", "\u{2018}",
      "type: accounts", "0 days", "!= ", "(2026-0",
    ]
    for word in words { #expect(queries.contains(word), "\(word)") }
    for kind in OracleCall.Kind.allCases {
      #expect(lines.contains(#""type":"\#(kind)""#), "\(kind)")
    }
  }
}
