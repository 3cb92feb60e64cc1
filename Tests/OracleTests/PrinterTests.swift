import Foundation
import Testing

@testable import Oracle

@Suite struct PrinterTests {
  func query(_ condition: OracleCondition) -> String {
    var printer = OraclePrinter()
    return printer.query(.audience(condition))
  }

  func query(_ scalar: OracleScalar) -> String {
    var printer = OraclePrinter()
    return printer.query(.trait(scalar))
  }

  func events(_ name: String, _ filters: OracleFilter...) -> OracleScalar {
    .reduced(OracleStream(name, filters), .count)
  }

  func number(
    _ scalar: OracleScalar, _ relation: OracleTest.Relation, _ number: Double
  ) -> OracleCondition {
    .compare(scalar, .relation(relation, .literal(.number(number))))
  }

  func equal(_ field: OracleField, _ text: String) -> OracleCondition {
    .compare(.field(field), .relation(.equal, .literal(.string(text))))
  }

  func days(_ amount: Int) -> OracleDuration { OracleDuration(amount, .day) }

  @Test func `queries about shoes`() {
    let price = OracleScalar.field(property("price"))
    let dear = number(price, .atLeast, 100)
    #expect(
      query(number(events("Shoes Bought", .where(dear), .within(days(7))), .atLeast, 1))
        == "event('Shoes Bought').where(property('price') >= 100).within(7 days).count() >= 1")
    let spent = OracleCondition.compare(
      price, .relation(.atLeast, .field(trait("avg_spend"))))
    let returned = number(events("Shoes Returned", .withinParent(days(5))), .atLeast, 1)
    let both = events("Shoes Bought", .where(.and([spent, returned])), .within(days(30)))
    #expect(
      query(number(both, .atLeast, 1))
        == "event('Shoes Bought').where(property('price') >= trait('avg_spend') AND "
        + "event('Shoes Returned').within(parent: 5 days).count() >= 1).within(30 days).count() >= 1"
    )
    let bought = number(events("Shoes Bought"), .atLeast, 1)
    let spender = OracleCondition.and([
      bought, number(.field(trait("total_spend")), .greater, 200),
    ])
    let inner = "(event('Shoes Bought').count() >= 1 AND trait('total_spend') > 200)"
    #expect(query(.not(spender)) == "NOT " + inner)
    #expect(query(.all(spender)) == "ALL " + inner)
    #expect(query(.all(.not(bought))) == "ALL NOT event('Shoes Bought').count() >= 1")
    #expect(query(.any(bought)) == "ANY event('Shoes Bought').count() >= 1")
    let spend = property("spend")
    let month = OracleStream("Shoes Bought", [.within(days(30))])
    #expect(
      query(.reduced(month, .avg(spend)))
        == "event('Shoes Bought').within(30 days).avg(property('spend'))")
    #expect(
      query(.reduced(month, .mode(spend, .plain, 2)))
        == "event('Shoes Bought').within(30 days).mode(property('spend'), 2)")
    let mine = OracleCondition.and([
      number(price, .greater, 100), equal(property("brand"), "My Brand"),
    ])
    #expect(
      query(.reduced(OracleStream("Shoes Bought", [.where(mine)]), .min(spend)))
        == "event('Shoes Bought').where(property('price') > 100 AND property('brand') = 'My Brand')"
        + ".min(property('spend'))")
    let source = OracleFilter.sources(excluding: [.string("QgRHeujRJBM9j18yChyC")])
    #expect(
      query(.reduced(OracleStream("Shoes Bought", [source]), .uniqueCount(property("sku"))))
        == "event('Shoes Bought').sources({exclude: 'QgRHeujRJBM9j18yChyC'})"
        + ".unique(property('sku')).count()")
  }

  @Test func `the other queries`() {
    let users = OracleCondition.compare(
      .field(property("path")), .contains([.string("/user/")]))
    let mail = OracleCondition.compare(.field(property("email")), .exists)
    #expect(
      query(
        .and([
          number(events("Page Viewed", .where(users)), .atLeast, 1),
          number(events("Subscription Created", .where(mail)), .atLeast, 1),
        ]))
        == "event('Page Viewed').where(property('path').contains('/user/')).count() >= 1 AND "
        + "event('Subscription Created').where(property('email').exists()).count() >= 1")
    let quote = OracleCondition.compare(
      .field(property("quote_id")), .relation(.equal, .field(trait("quote_id"))))
    #expect(
      query(number(events("Quote Generated", .where(quote)), .atLeast, 1))
        == "event('Quote Generated').where(property('quote_id') = trait('quote_id')).count() >= 1")
    #expect(
      query(
        .and([
          equal(trait("first_name_exists"), "true"), .not(equal(trait("avatar_added"), "true")),
        ]))
        == "trait('first_name_exists') = 'true' AND NOT trait('avatar_added') = 'true'")
    #expect(
      query(
        .and([
          number(.field(trait("predictive_vip")), .atMost, 0.2),
          number(events("Page Viewed", .within(days(90))), .equal, 0),
        ]))
        == "trait('predictive_vip') <= 0.2 AND event('Page Viewed').within(90 days).count() = 0")
    let early = OracleCondition.compare(
      .field(OracleField(.context, "timestamp")),
      .beforeDate(.literal(.string("2023-08-25T02:00:00-07:00"))))
    #expect(
      query(number(events("Page Viewed", .where(early)), .atLeast, 1))
        == "event('Page Viewed').where(context('timestamp')"
        + ".before_date('2023-08-25T02:00:00-07:00')).count() >= 1")
    let completed = number(events("Order Completed", .withinParent(days(30))), .equal, 1)
    #expect(
      query(
        number(
          events("Product Added", .where(.not(completed)), .between(days(14), days(30))), .atLeast,
          1))
        == "event('Product Added').where(NOT event('Order Completed').within(parent: 30 days)"
        + ".count() = 1).between(14 days, 30 days).count() >= 1")
    let topic = OracleCondition.or([
      equal(property("primary topic"), "x"), equal(property("primary topic"), "X"),
    ])
    #expect(
      query(number(events("Prequal Call", .where(topic), .within(days(30))), .atLeast, 1))
        == "event('Prequal Call').where(property('primary topic') = 'x' OR "
        + "property('primary topic') = 'X').within(30 days).count() >= 1")
    #expect(
      query(events("Page Viewed", .expiresAfter(OracleDuration(1, .hour))))
        == "event('Page Viewed').expires_after(1 hour).count()")
    let renewal = OracleCondition.compare(.field(trait("renewal_date")), .withinNext(days(14)))
    let plan = OracleCondition.compare(
      .field(trait("plan")), .oneOf([.string("pro"), .string("team")]))
    #expect(
      query(.and([renewal, plan]))
        == "trait('renewal_date').within_next(14 days) AND trait('plan').one_of('pro', 'team')")
  }

  @Test func `parentheses stand where the order of binding asks for them`() {
    let a = equal(trait("a"), "1")
    let (x, y) = ("trait('a') = '1'", "trait('a') = '1'")
    #expect(query(.or([.and([a, a]), a])) == "\(x) AND \(y) OR \(x)")
    #expect(query(.and([.or([a, a]), a])) == "(\(x) OR \(y)) AND \(x)")
    #expect(query(.not(.not(a))) == "NOT NOT \(x)")
    #expect(query(.not(.or([a, a]))) == "NOT (\(x) OR \(y))")
    #expect(query(.and([.not(a), a])) == "NOT \(x) AND \(y)")
    #expect(query(.not(.any(.and([a, a])))) == "NOT ANY (\(x) AND \(y))")
  }

  @Test func `strings and paths are escaped`() {
    #expect(
      query(equal(property("a.b", "c"), "it's \\ \"x\"\n\t"))
        == #"property('a\\.b.c') = 'it\'s \\ "x"\n\t'"#)
    #expect(query(.field(trait("items", "$", "sku"))) == "trait('items.$.sku')")
    #expect(query(.field(OracleField(.parentProperty, "x"))) == "property(parent: 'x')")
  }

  @Test func `other reducers, filters and comparators`() {
    let x = property("x")
    func reduced(_ reducer: OracleReducer) -> String {
      query(.reduced(OracleStream("A"), reducer))
    }
    #expect(reduced(.min(x, .number)) == "event('A').min(property('x') as number)")
    #expect(reduced(.max(x, .string)) == "event('A').max(property('x') as string)")
    #expect(reduced(.mode(x)) == "event('A').mode(property('x'))")
    #expect(reduced(.mode(x, .array, 3)) == "event('A').mode(property('x') as array, 3)")
    #expect(reduced(.unique(x)) == "event('A').unique(property('x'))")
    #expect(reduced(.first(x)) == "event('A').first(property('x'))")
    #expect(
      query(events("A", .betweenParent(OracleDuration(1, .minute), OracleDuration(2, .week))))
        == "event('A').between(parent: 1 minute, 2 weeks).count()")
    func tested(_ test: OracleTest) -> String { query(.compare(.field(trait("x")), test)) }
    #expect(tested(.absent) == "trait('x').absent()")
    #expect(tested(.noneOf([.number(-1.5), .boolean(true)])) == "trait('x').none_of(-1.5, true)")
    #expect(tested(.omits([.date("2026-01-01")])) == "trait('x').omits(2026-01-01)")
    #expect(tested(.startsWith(.string("a"))) == "trait('x').starts_with('a')")
    #expect(tested(.afterNext(OracleDuration(1, .second))) == "trait('x').after_next(1 second)")
    #expect(
      query(.compare(.literal(.number(5)), .exists)) == "literal(5).exists()")
  }

  @Test func `every quoted string reads back as itself`() {
    var spelling = OracleSpelling(random: OracleRandom(seed: 9))
    let parts = ["a", "\\", "'", "\"", "\n", "\t", "n", "t", ".", "\u{2019}", "\u{E9}", "e\u{301}"]
    for _ in 0..<5000 {
      var text = ""
      for _ in 0..<spelling.random!.int(in: 0...5) { text += spelling.random!.pick(parts) }
      let quoted = spelling.quoted(text)
      #expect(unquoted(quoted).isExactly(text), "\(quoted)")
    }
  }

  /// What the language says of strings, read from the left.
  func unquoted(_ quoted: String) -> String {
    var result = String.UnicodeScalarView()
    var rest = Array(quoted.unicodeScalars)
    let quote = rest.removeFirst()
    let closers: [Unicode.Scalar] =
      switch quote {
      case "\u{2018}", "\u{2019}": ["\u{2018}", "\u{2019}", "'"]
      case "\u{201C}", "\u{201D}": ["\u{201C}", "\u{201D}", "\""]
      default: [quote]
      }
    while let scalar = rest.first {
      rest.removeFirst()
      if closers.contains(scalar) { return rest.isEmpty ? String(result) : "closed early" }
      if scalar == "\\", let next = rest.first, "\\'\"nt".unicodeScalars.contains(next) {
        rest.removeFirst()
        result.append(next == "n" ? "\n" : next == "t" ? "\t" : next)
      } else {
        result.append(scalar)
      }
    }
    return "not closed"
  }

  @Test func `files and lines`() {
    let definition = OracleDefinition(
      "x", .audience(some("A")), subjects: .accounts, includeAnonymous: true)
    var printer = OraclePrinter()
    #expect(
      printer.file(definition)
        == """
        ---
        name: x
        key: x
        type: accounts
        include_anonymous: true
        ---
        event('A').count() >= 1

        """)
    let call = OracleCall(
      .track, id: "m1", at: noon, user: "u", anonymous: "a", event: "A",
      properties: ["x": -0.0, "y": .number(.infinity), "z": nil, "w": [1.5, "é/"]], writeKey: "k")
    #expect(
      call.line
        == #"{"type":"track","messageId":"m1","timestamp":"2026-03-10T12:00:00.000Z","userId":"u","#
        + #""anonymousId":"a","event":"A","properties":{"x":-0,"y":1e999,"z":null,"w":[1.5,"é/"]},"#
        + #""writeKey":"k"}"#)
  }

  @Test func `lines are written in equivalent ways`() throws {
    let value: OracleValue = ["a/\u{E9}\u{1F600}": [50, -0.0, 1e21, 0.5, "x\"\\\n", nil, true]]
    let call = OracleCall(.track, id: "m", at: noon, user: "u", event: "A", properties: value)
    for seed in 0..<300 {
      let data = Data(OracleCall.ndjson([call], seed: UInt64(seed)).utf8)
      let read = try JSONDecoder().decode(Line.self, from: data)
      let list = try #require(read.properties["a/\u{E9}\u{1F600}"])
      #expect(read.event == "A")
      #expect(list.map(\.text) == ["50", "0", "1e+21", "0.5", "x\"\\\n", nil, "true"])
    }
  }

  struct Line: Decodable {
    var event: String
    var properties: [String: [Item]]
  }

  struct Item: Decodable {
    var text: String?

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() { return }
      if let flag = try? container.decode(Bool.self) {
        text = flag ? "true" : "false"
      } else if let number = try? container.decode(Double.self) {
        text = OracleValue.text(of: number)
      } else {
        text = try container.decode(String.self)
      }
    }
  }
}
