extension DiagnosticTests {
  /// Mistakes in the words of a query.
  static let words: [Row] = [
    Row(
      .unknownCharacter, "trait('a') = 1⟦;⟧", "';' has no meaning in a query",
      "not a part of the language", "remove it: nothing marks the end of a query"),
    Row(
      .unknownCharacter, "event('A').count() ⟦≥⟧ 1", "'≥' has no meaning in a query",
      "not a part of the language", "write >="),
    Row(
      .unknownCharacter, "trait('a') = 1 ⟦&⟧ trait('b') = 2", "'&' has no meaning in a query",
      "not a part of the language", "write AND"),
    Row(
      .unknownCharacter, "trait('a') = ⟦Привет⟧", "'Привет' has no meaning in a query",
      "not a part of the language", "put text in quotes: 'Привет'"),
    Row(
      .unknownCharacter, "trait('a') = 1⟦\u{200B}⟧",
      "the invisible character U+200B has no meaning in a query",
      "not a part of the language", "remove it"),
    Row(
      .unknownCharacter, "trait('a')⟦\u{3000}⟧= 1",
      "the invisible character U+3000 has no meaning in a query",
      "not a part of the language", "write a plain space"),
    Row(
      .unknownCharacter, "trait('a') = 1 ⟦//⟧", "'//' has no meaning in a query",
      "not a part of the language",
      "a comment begins with --"),
    Row(
      .unclosedString, "event(⟦'⟧Order Completed).count() >= 1", "a string is not closed",
      "it begins here",
      "end it with the same quote"),
    Row(
      .unclosedString, "event(⟦“⟧Order Completed').count() >= 1", "a string is not closed",
      "it begins here",
      "end it with the same quote"),
    Row(
      .badNumber, "trait('a') = ⟦1e999⟧", "'1e999' is past the range of a number",
      "too large to be worked with", nil),
    Row(
      .badDate, "trait('a') >= ⟦2026-02-30⟧", "'2026-02-30' is not a date", "no such day or time",
      "write YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ"),
    Row(
      .badDate, "trait('a') >= ⟦2026-01-01T24:00⟧", "'2026-01-01T24:00' is not a date",
      "no such day or time",
      "write YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ"),
    Row(
      .badDate, "trait('a') >= ⟦2026-1-5⟧", "'2026-1-5' is not a date", "not in this form",
      "write YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ"),
    Row(
      .badDate, "trait('a') >= ⟦31.12.2026⟧", "'31.12.2026' is not a date", "not in this form",
      "write YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ"),
    Row(
      .badDate, "trait('a') >= ⟦2026-01-01 10:30⟧", "'2026-01-01 10:30' is not a date",
      "not in this form",
      "write YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ"),
    Row(
      .badDuration, "event('A').within(⟦'30 days'⟧).count() = 0", "a duration is expected here",
      "not a whole number with a unit", "write it without quotes: 30 days"),
    Row(
      .badDuration, "event('A').within(⟦last⟧ 30 days).count() = 0", "a duration is expected here",
      "not a whole number with a unit", "write it like this: 30 days"),
    Row(
      .badDuration, "event('A').within(30⟦)⟧.count() = 0", "a duration needs a unit",
      "expected a unit here",
      "for days write 30 days"),
    Row(
      .badDuration, "event('A').within(30 ⟦dys⟧).count() = 0", "a duration needs a unit",
      "expected a unit here",
      "did you mean 'days'?"),
    Row(
      .badDuration, "event('A').within(3 ⟦months⟧).count() = 0", "a duration needs a unit",
      "expected a unit here",
      "months and years differ in length: write 90 days"),
    Row(
      .badDuration, "event('A').within(⟦1.5⟧ days).count() = 0",
      "the number of a duration is a whole number",
      "not a whole number", "use a smaller unit: second, minute, hour, day or week"),
    Row(
      .badDuration, "event('A').within(⟦-3⟧ days).count() = 0", "a duration is not negative",
      "less than nothing",
      "write it without the minus sign"),
    Row(
      .badDuration, "event('A').within(⟦36526 days⟧).count() = 0",
      "a duration is at most 100 years",
      "longer than 100 years", "leave the window out to take all the events"),
    Row(
      .badDuration, "event('A').within(⟦99999999999999999999 days⟧).count() = 0",
      "a duration is at most 100 years", "longer than 100 years",
      "leave the window out to take all the events"),
  ]

  /// Mistakes in how the words stand together.
  static let sentences: [Row] = [
    Row(
      .missingQuery, "⟦⟧-- only a comment\n", "the query is missing", "",
      "write it below the front matter"),
    Row(
      .syntax, "trait('a') = ⟦pro⟧", "'pro' means nothing here", "not a value",
      "put text in quotes: 'pro'"),
    Row(
      .syntax, "event(⟦Order⟧ Completed).count() = 0", "the name of the event is expected here",
      "expected a string",
      "put it in quotes: 'Order Completed'"),
    Row(
      .syntax, "trait('a').one_of(⟦Pro⟧, 'team')", "a literal is expected here",
      "not a number, a string, a date, true or false", "put text in quotes: 'Pro'"),
    Row(
      .syntax, "trait('a') = 1 ⟦trait⟧('b') = 2", "the query goes on after its end",
      "expected AND, OR or the end", nil),
    Row(
      .syntax, "trait('a') = 1 AND⟦⟧", "the query ends where a value is needed",
      "expected a value here", nil),
    Row(
      .syntax, "trait('a') ⟦=>⟧ 1", "two signs of comparison stand one behind the other",
      "only one can be meant", "write >="),
    Row(
      .syntax, "trait('a') ⟦<>⟧ 1", "two signs of comparison stand one behind the other",
      "only one can be meant", "write !="),
    Row(
      .syntax, "trait('a').contains(['x', 'y'⟦)⟧", "']' is expected at the end of the list",
      "expected ']' here", nil),
    Row(
      .syntax, "event('A').sum(⟦'x'⟧) = 1", "a field is expected here",
      "not property('…'), trait('…') or context('…')", "write property('name')"),
    Row(
      .syntax, "event('A').min(property('x') as ⟦array⟧) = 1", "'min' has no such form",
      "not a form",
      "write 'as number' or 'as string'"),
    Row(
      .syntax, "event('A').sources(⟦'x'⟧).count() = 1", "'exclude:' is expected here",
      "expected exclude: and a list",
      "write sources({exclude: 'id'})"),
    Row(
      .missingParenthesis, "(trait('a') = 1 AND (trait('b') = 2)⟦⟧", "a ')' is missing",
      "expected ')' here",
      "the '(' at 4:1 is not closed"),
    Row(
      .missingParenthesis, "trait('a' ⟦=⟧ 1", "a ')' is missing after the name",
      "expected ')' here", "close the parenthesis"),
    Row(
      .missingParenthesis, "event('A').count ⟦>=⟧ 1", "a '(' is missing after 'count'",
      "expected '(' here", nil),
    Row(
      .missingParenthesis, "trait('a') = 1⟦)⟧ AND trait('b') = 2", "a ')' without its '('",
      "nothing is open here",
      "remove it, or open a parenthesis before"),
    Row(
      .missingParenthesis, "event('A').within(3 days)⟦)⟧.count() = 1", "a ')' without its '('",
      "nothing is open here",
      "remove it, or open a parenthesis before"),
    Row(
      .unknownFunction, "event('Order Completed').⟦withn⟧(30 days).count() >= 1",
      "there is no function 'withn'",
      "not a filter or a reducer of an event stream", "did you mean 'within'?"),
    Row(
      .unknownFunction, "event('A').⟦cont⟧() >= 1", "there is no function 'cont'",
      "not a filter or a reducer of an event stream", "did you mean 'count'?"),
    Row(
      .unknownFunction, "event('A').⟦exists⟧()", "'exists' works on a value, and these are events",
      "not a filter or a reducer of an event stream", "reduce the events first: .count()"),
    Row(
      .unknownFunction, "trait('a').⟦startswith⟧('x')", "there is no function 'startswith'",
      "not a comparator of a value",
      "did you mean 'starts_with'?"),
    Row(
      .unknownFunction, "trait('a').⟦count⟧() = 1", "'count' works on events, and this is a value",
      "not a comparator of a value", nil),
    Row(
      .unknownFunction, "⟦Events⟧('A').count() = 1", "there is no function 'Events'",
      "not event, trait, property, context or literal", "did you mean 'event'?"),
    Row(
      .scalarExpected, "trait('a') = ⟦(1)⟧",
      "a scalar (a number, text, a list) is needed here, and this is a condition (boolean)",
      "parentheses hold a condition",
      "a scalar is not put in parentheses"),
    Row(
      .scalarExpected, "⟦(trait('a'))⟧ = 1",
      "a scalar (a number, text, a list) is not put in parentheses",
      "parentheses hold a condition", "remove the parentheses"),
    Row(
      .scalarExpected, "⟦(trait('a') = 1)⟧ = 1",
      "a scalar (a number, text, a list) is needed before '=', and this is a condition (boolean)",
      "what stands in the parentheses is a condition", "join two conditions with AND or OR"),
    Row(
      .conditionExpected, "⟦trait('a.b')⟧ AND trait('x') = 1",
      "a condition (boolean) is needed here, and this is a scalar (any value)",
      "this has a value, but says nothing about it",
      "write trait('a.b') = true, or .exists()"),
    Row(
      .conditionExpected, "⟦event('A').count()⟧",
      "a condition (boolean) is needed here, and this is a scalar (number)",
      "this has a value, but says nothing about it", "compare it: … >= 1"),
    Row(
      .conditionExpected, "⟦true⟧",
      "a condition (boolean) is needed here, and this is a scalar (true or false)",
      "this has a value, but says nothing about it",
      "compare something with it: trait('key') = true"),
    Row(
      .conditionExpected, "event('A').where(⟦property('x')⟧).count() = 1",
      "a condition (boolean) is needed here, and this is a scalar (any value)",
      "this has a value, but says nothing about it",
      "compare it with a value, or write .exists()"),
    Row(
      .conditionExpected, "trait('a') = 1 ⟦=⟧ 1", "a comparison cannot be compared again",
      "the comparison ends before this",
      "join two comparisons with AND"),
    Row(
      .conditionExpected, "trait('a').exists() ⟦=⟧ true",
      "a condition (boolean) cannot be compared",
      "the condition ends before this",
      "the comparator is a condition by itself: remove the comparison"),
    Row(
      .missingReducer, "event('A') ⟦>=⟧ 1", "the events are not reduced to a value",
      "expected .count() or another reducer",
      "for “did it at least once” write .count() >= 1"),
    Row(
      .missingReducer, "event('A').within(3 days)⟦⟧", "the events are not reduced to a value",
      "expected .count() or another reducer", "for “did it at least once” write .count() >= 1"),
    Row(
      .tooDeep, String(repeating: "(", count: 50) + "(⟦a⟧", "nested more than 50 deep",
      "this is one too many",
      "split the definition: refer to another one with trait('key')"),
  ]

  /// Mistakes that the grammar alone does not show.
  static let meanings: [Row] = [
    Row(
      .fieldOutsideEvent, "⟦property('x')⟧ = 1",
      "property('…') belongs to an event, and there is none around it",
      "only inside where(…) or a reducer", "for a user's own value write trait('…')"),
    Row(
      .fieldOutsideEvent, "trait('a') = ⟦context('x')⟧",
      "context('…') belongs to an event, and there is none around it",
      "only inside where(…) or a reducer", nil),
    Row(
      .parentOutsideNested, "event('A').where(⟦property(parent: 'x')⟧ = 1).count() = 1",
      "'parent:' needs an event around this one", "there is no parent event",
      "remove 'parent:' to read the event's own property"),
    Row(
      .parentOutsideNested, "⟦event('A').within(parent: 3 days)⟧.count() = 1",
      "'parent:' needs an event around this one",
      "there is no parent event", "remove 'parent:' to measure from now"),
    Row(
      .accountsOnly, "⟦ANY trait('a') = 1⟧",
      "ANY asks the users of an account, and this is about users",
      "only in a definition with 'type: accounts'",
      "remove ANY, or add 'type: accounts' to the front matter"),
    Row(
      .notSupported, "⟦entity('orders')⟧.count() = 1",
      "entity('orders'): this version has no entities",
      "only event('…') can be evaluated", nil),
  ]
}
