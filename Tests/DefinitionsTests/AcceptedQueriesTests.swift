import Testing

@testable import Definitions

/// What people have already can be pasted.
@Suite struct AcceptedQueriesTests {
  /// language.md section 7, the ones that are conditions about users.
  static let audiences = [
    "event('Shoes Bought').where( property('price') >= 100 ).within(7 days).count() >= 1",
    """
    event('Shoes Bought').where( property('price') >= trait('avg_spend') AND \
    event('Shoes Returned').within(parent: 5 days).count() >= 1 ).within(30 days).count() >= 1
    """,
    "NOT ( event('Shoes Bought').count() >= 1 AND trait('total_spend') > 200 )",
    """
    event('Page Viewed').where(property('path').contains('/user/')).count() >= 1 AND \
    event('Subscription Created').where(property('email').exists()).count() >= 1
    """,
    "event('Quote Generated').where(property('quote_id') = trait('quote_id')).count() >= 1",
    "trait('first_name_exists') = 'true' AND NOT trait('avatar_added') = 'true'",
    "trait('predictive_vip') <= .20 AND event('Page Viewed').within(90 days).count() = 0",
    """
    event('Page Viewed').where(context('timestamp').before_date('2023-08-25T02:00:00-07:00'))\
    .count() >= 1
    """,
    """
    event('Product Added').where(NOT event('Order Completed').within(parent: 30 days).count() = 1)\
    .between(14 days, 30 days).count() >= 1
    """,
    """
    event('Prequal Call').where( property('primary topic') = 'x' OR property('primary topic') = 'X')\
    .within(30 days).count() >= 1
    """,
    "trait('renewal_date').within_next(14 days) AND trait('plan').one_of('pro', 'team')",
  ]

  /// The ones that are values.
  static let traits = [
    "event('Shoes Bought').within(30 days).avg(property('spend'))",
    """
    event('Shoes Bought').where( property('price') > 100 AND property('brand') = 'My Brand' )\
    .min(property('spend'))
    """,
    "event('Shoes Bought').within(30 days).mode(property('spend'), 2)",
    "event('Page Viewed').expires_after(1 hour).count()",
    """
    event('Shoes Bought').sources({exclude: 'QgRHeujRJBM9j18yChyC'}).unique(property('sku')).count()
    """,
  ]

  @Test("every audience of the language's page is accepted", arguments: audiences)
  func audience(_ query: String) {
    let checked = Checked(query)
    #expect(checked.definition?.kind == .audience, "\(checked.rendered)")
    #expect(checked.diagnostics.allSatisfy { $0.severity == .warning })
  }

  @Test("every computed trait of the language's page is accepted", arguments: traits)
  func trait(_ query: String) {
    let checked = Checked(query, .trait)
    #expect(checked.definition?.kind == .trait, "\(checked.rendered)")
    #expect(checked.diagnostics.isEmpty)
  }

  /// What the grammar has and this version does not evaluate.
  static let refused: [(query: String, ids: [Diagnostic.ID], canonical: String)] = [
    (
      "ALL ( event('Shoes Bought').count() >= 1 AND trait('total_spend') > 200 )",
      [.accountsOnly], #"ALL (event("Shoes Bought").count() >= 1 AND trait("total_spend") > 200)"#
    ),
    (
      "ALL NOT event('Shoes Bought').count() >= 1", [.accountsOnly],
      #"ALL NOT event("Shoes Bought").count() >= 1"#
    ),
    (
      "ANY event('Shoes Bought').count() >= 1", [.accountsOnly],
      #"ANY event("Shoes Bought").count() >= 1"#
    ),
    (
      "entity('orders').where(entity('order-products').count() >= 1).count() >= 1",
      [.notSupported, .notSupported],
      #"entity("orders").where(entity("order-products").count() >= 1).count() >= 1"#
    ),
    (
      "entity('orders').count() >= 1 OR trait('VIP') = 'true'", [.notSupported],
      #"(entity("orders").count() >= 1 OR trait("VIP") = "true")"#
    ),
  ]

  @Test("accounts and entities are read, and refused by name", arguments: refused)
  func refusals(_ row: (query: String, ids: [Diagnostic.ID], canonical: String)) throws {
    #expect(Checked(row.query).ids == row.ids)
    // The parser itself takes them.
    let source = SourceText(path: "q.audience", text: row.query)
    var parser = Parser(source, 0..<source.utf8.count)
    let parsed = parser.audience()
    let condition = try #require(parsed)
    #expect(parser.diagnostics.isEmpty)
    #expect(Canonical.text(condition) == row.canonical)
  }

  @Test("a definition about accounts may ask their users")
  func accountDefinition() {
    let text = "---\nname: Q\ntype: accounts\n---\nANY event('A').count() >= 1"
    #expect(Checked(file: text).definition?.subject == .accounts)
  }

  /// The same query as it is pasted from elsewhere.
  static let pasted = [
    "event(“Order Completed”).where(property(‘total’) >= 100).within(30 days).count() >= 1",
    "event(“Order Completed\").where(property(‘total') >= 100).within(30 days).count() >= 1",
    "event('Order Completed').where({ property('total') >= 100 }).within(30 days).count() >= 1",
    "event('Order Completed').where(property('total').gte(100)).within(30 days).count().gte(1)",
    "EVENT('Order Completed').WHERE(Property('total').AT_LEAST(100)).Within(30 DAYS).Count() >= 1",
    "event('Order Completed').where(property('total') >= literal(100)).within(30 day).count() >= 1",
    "event('Order Completed').where((((property('total') >= 1e2)))).within(30days).count() >= 1.0",
    """
    -- Everyone who spent something.
    event( "Order Completed" )  -- ' a quote and a ( in a comment
      .where(
        property('total')
          >= 100  -- dollars
      )
      .within(
        30
        days
      )
      .count()
      >= 1 -- the end, without a line break
    """,
    "event('Order Completed')\t.where(\u{A0}property('total')\r\n>= 100).within(30 days).count()>=1",
  ]

  @Test("pasted spellings of one query are one query", arguments: pasted)
  func paste(_ query: String) {
    let checked = Checked(query)
    #expect(
      checked.canonical
        == #"event("Order Completed").where(property("total") >= 100).within(2592000000 ms)"#
        + ".count() >= 1", "\(checked.rendered)")
  }

  @Test(
    "other pasted parts",
    arguments: [
      ("trait('a').is_set()", #"trait("a").exists()"#),
      ("trait('a').is_null()", #"trait("a").absent()"#),
      (
        "trait('a').eq(1) && trait('a').neq(2) || !(trait('b').lt('x'))",
        #"((trait("a") = 1 AND trait("a") != 2) OR NOT trait("b") < "x")"#
      ),
      ("trait('a').contains_one(['x', 'y'])", #"trait("a").contains("x", "y")"#),
      (
        "trait('a').none_of([1, 'b', true, 2026-01-01])",
        #"trait("a").none_of(1, "b", true, "2026-01-01")"#
      ),
      (
        "event('A').sources({ exclude: ['x', 'y'] }).count() > 0",
        #"event("A").sources(exclude: "x", "y").count() > 0"#
      ),
      (
        "event('A').sources(exclude: 'x').count() > 0",
        #"event("A").sources(exclude: "x").count() > 0"#
      ),
      ("event('A').within(parent: 1 day).count() = 1 OR trait('x') = 1", ""),
      ("event('A').count() > event('B').count()", #"event("A").count() > event("B").count()"#),
      ("1 < trait('a')", #"1 < trait("a")"#),
      ("true == false", "true = false"),
    ])
  func parts(_ query: String, _ canonical: String) {
    let checked = Checked(query)
    // An empty one stands for the one refusal of this table.
    #expect(checked.canonical == (canonical.isEmpty ? nil : canonical), "\(checked.rendered)")
  }

  @Test(
    "a computed trait is any scalar",
    arguments: [
      "trait('a')", "trait('a.$.b')", "event('A').last(property('x'))", "1", "'text'", "2026-01-01",
      "event('A').unique(property('x'))", "event('A').mode(property('a.$') as array, 3)",
      "event('A').max(property('x') as string)", "literal(literal(true))",
      "event('A').sum(context('x'))", "event('A').first(trait('x'))",
    ])
  func scalars(_ query: String) {
    let checked = Checked(query, .trait)
    #expect(checked.definition?.kind == .trait, "\(checked.rendered)")
  }
}
