import Testing
import Values

@testable import Definitions

/// What a query says that the events on file do not bear out.
@Suite struct StoreTrapTests {
  private static let first = Instant(milliseconds: 1_767_225_600_000)  // 2026-01-01T00:00:00Z
  private static let day = Duration(milliseconds: 86_400_000)
  private static let ordered = EventsOnFile.Calls.events(of: "Order Completed")

  private static func sample(
    _ fields: [String], context: String = "{}", isWhole: Bool = false
  ) throws -> CallSample {
    var sample = CallSample()
    sample.isWhole = isWhole
    for json in fields { sample.add(try Value(json: json), context: try Value(json: context)) }
    return sample
  }

  /// Ninety days of events of two names.
  private static func onFile() throws -> EventsOnFile {
    var events = EventsOnFile()
    events.eventNames = ["Order Completed", "Page Viewed"]
    events.span = .init(
      first: first, last: first + Duration(milliseconds: 90 * day.milliseconds), isWhole: true)
    events.samples[ordered] = try sample(
      [
        #"{"revenue":1,"ship.to":"x","items":[{"sku":"a"}],"note":null}"#,
        #"{"to":{"city":"Paris"},"tags":[],"items":[]}"#,
      ], context: #"{"page":{"url":"/"}}"#)
    events.samples[.events(of: "Page Viewed")] = try sample([#"{"path":"/"}"#], isWhole: true)
    events.samples[.identify] = try sample(
      [#"{"plan":"pro"}"#, #"{"plan":"team"}"#, #"{"address":{"city":"Rome"}}"#], isWhole: true)
    events.samples[.group] = try sample([#"{"seats":3}"#])
    return events
  }

  private static func found(
    _ query: String, _ events: EventsOnFile? = nil, front: String = ""
  ) throws -> [Diagnostic] {
    let file = Checked.file("q.audience", "---\nname: Q\n\(front)---\n" + query)
    let project = Project(files: [file], folder: "audiences")
    #expect(project.isValid)
    return project.traps(of: project.definitions, in: try events ?? onFile())
  }

  static let traps: [DiagnosticTests.Row] = [
    .init(
      .unseenEvent, "event(⟦'Order Complete'⟧).where(property('x') = 1).count() >= 1",
      "no event 'Order Complete' is on file", "never seen in the store",
      "did you mean 'Order Completed'?"),
    .init(
      .unseenEvent,
      "NOT event('Order Completed').where(event( -- why\n⟦\"Refunded\"⟧).count() = 0).count() > 1",
      "no event 'Refunded' is on file", "never seen in the store", nil),
    .init(
      .unseenProperty, "event('Order Completed').where(property(⟦'revnue'⟧) > 1).count() >= 1",
      "none of the latest 2 'Order Completed' events has a property 'revnue'", "not seen there",
      "did you mean 'revenue'?"),
    .init(
      .unseenProperty, "event('Order Completed').sum(property(⟦'items.sku'⟧)) >= 1",
      "none of the latest 2 'Order Completed' events has a property 'items.sku'", "not seen there",
      "did you mean 'items.$.sku'?"),
    .init(
      .unseenProperty,
      "event('Order Completed').where(property('revenue') > 1 AND event('Page Viewed')"
        + ".where(property('path') = '/' OR property(parent: ⟦'path'⟧) = '/').count() >= 1"
        + ").count() >= 1",
      "none of the latest 2 'Order Completed' events has a property 'path'", "not seen there",
      nil),
    .init(
      .unseenProperty, "event('Page Viewed').where(property(⟦'revenue'⟧).absent()).count() >= 1",
      "the only 'Page Viewed' event on file has no property 'revenue'", "never seen in the store",
      nil),
    .init(
      .unseenContext, "event('Order Completed').where(context(⟦'page.ur'⟧) = '/').count() >= 1",
      "none of the latest 2 'Order Completed' events has a context field 'page.ur'",
      "not seen there", "did you mean 'page.url'?"),
    .init(
      .unseenTrait, "event('Order Completed').where(trait(⟦'plam'⟧) = 'pro').count() >= 1",
      "none of the 3 identify calls on file has a trait 'plam'", "never seen in the store",
      "did you mean 'plan'?"),
    .init(
      .unseenTrait, "trait('address.city') = 'Rome' AND trait(⟦'Q'⟧) = true",
      "none of the 3 identify calls on file has a trait 'Q'", "never seen in the store",
      "did you mean 'q'?"),
    .init(
      .longWindow,
      "event('Order Completed').where(property('revenue') > 1).⟦within(91 days)⟧.count() >= 1",
      "the window is longer than the events on file", "reaches back to before the first event",
      "the first event is from 2026-01-01T00:00:00.000Z, the last from 2026-04-01T00:00:00.000Z"),
    .init(
      .longWindow, "event('Page Viewed').within(2 days).⟦between( 91 days , 1 day )⟧.count() >= 1",
      "the window is longer than the events on file", "reaches back to before the first event",
      "the first event is from 2026-01-01T00:00:00.000Z, the last from 2026-04-01T00:00:00.000Z"),
  ]

  @Test("what the store has never seen is a warning with its place", arguments: traps)
  func warns(_ row: DiagnosticTests.Row) throws {
    let source = Marked(row.query)
    let found = try Self.found(source.text)
    let diagnostic = try #require(found.first)
    #expect(found.count == 1, "\(found.map(\.rendered).joined())")
    #expect(diagnostic.severity == .warning)
    #expect(diagnostic.id == row.id)
    #expect(diagnostic.message == row.message)
    #expect(diagnostic.label == row.label)
    #expect(diagnostic.help == row.help)
    let place = try #require(source.places.first)
    let matter = "---\nname: Q\n---\n".utf8.count
    #expect(diagnostic.range == (place.lowerBound + matter)..<(place.upperBound + matter))
  }

  @Test(
    "what is on file, or may be, is no trap",
    arguments: [
      "event('Order Completed').within(90 days).sum(property('revenue')) > 1",
      "event('Order Completed').where(property('to.city') = 'x').count() >= 1",
      "event('Order Completed').where(property('ship\\.to') = 'x').count() >= 1",
      "event('Order Completed').where(property('items') = 'x').count() >= 1",
      "event('Order Completed').where(property('items.$.sku') = 'x').count() >= 1",
      "event('Order Completed').where(context('timestamp') > 2026-01-01).count() >= 1",
      // The elements of an array without any are not known.
      "event('Order Completed').where(property('tags.$.name') = 'x').count() >= 1",
      "trait('q.x').absent() OR trait('plan') = 'pro'",
      // A window that is measured from another event, and a session, are no windows before now.
      "event('Page Viewed').where(event('Order Completed').within(parent: 400 days).count() = 0)"
        + ".expires_after(200 days).count() >= 1",
    ])
  func silent(_ query: String) throws {
    var events = try Self.onFile()
    events.samples[.identify]?.add(try Value(json: #"{"q":{"x":1}}"#), context: .absent)
    #expect(try Self.found(query, events).map(\.rendered) == [])
  }

  @Test("a property that was null each time is not there")
  func null() throws {
    let query = "event('Order Completed').where(property('note') = 'x').count() >= 1"
    #expect(try Self.found(query).map(\.id) == [.unseenProperty])
  }

  @Test("an account's traits come from group calls, its users' from identify calls")
  func accounts() throws {
    func traps(_ query: String) throws -> [String] {
      try Self.found(query, front: "type: accounts\n").map(\.message)
    }
    #expect(try traps("trait('seats') > 1 AND ANY trait('plan') = 'pro'").isEmpty)
    #expect(
      try traps("trait('plan') = 'pro' AND ANY trait('seats') > 1") == [
        "the latest group call has no account trait 'plan'",
        "none of the 3 identify calls on file has a trait 'seats'",
      ])
  }

  @Test("another definition is no trait, and may be what was meant")
  func references() throws {
    let project = Project(
      files: [
        Checked.file("a.trait", "---\nname: Lifetime Value\n---\nevent('Page Viewed').count()\n"),
        Checked.file(
          "b.audience",
          "---\nname: B\n---\ntrait('lifetime_value') > 1 AND trait('lifetime_valeu') > 1\n"),
      ], folder: "audiences")
    let found = project.traps(of: project.definitions, in: try Self.onFile())
    #expect(
      found.map(\.message) == ["none of the 3 identify calls on file has a trait 'lifetime_valeu'"])
    #expect(found.first?.help == "did you mean 'lifetime_value'?")
  }

  @Test("where nothing could be looked at nothing is said, unless there is nothing")
  func unknown() throws {
    var events = try Self.onFile()
    let query = "event('Order Completed').within(91 days).sum(property('x')) > trait('y')"
    events.samples = [Self.ordered: CallSample()]
    events.span = nil
    #expect(try Self.found(query, events).isEmpty)
    events.samples[.identify] = try Self.sample([], isWhole: true)
    #expect(
      try Self.found(query, events).map(\.message)
        == ["there is no identify call on file, and so no trait 'y'"])
  }

  @Test("a span of which a part was looked at is told as such")
  func partialSpan() throws {
    var events = try Self.onFile()
    events.span = .init(first: Self.first, last: Self.first + Self.day, isWhole: false)
    let found = try Self.found("event('Page Viewed').within(25 hours).count() >= 1", events)
    #expect(found.map(\.message) == ["the window seems longer than the events on file"])
    #expect(
      found.first?.help == "the first event that was found is from 2026-01-01T00:00:00.000Z, "
        + "the last from 2026-01-02T00:00:00.000Z")
  }

  @Test("objects whose keys are data are cut, and nothing is said to be missing from them")
  func manyNames() throws {
    var events = try Self.onFile()
    let keys = (0...FieldNames.limit).map { "\"k\($0)\":1" }.joined(separator: ",")
    events.samples[Self.ordered] = try Self.sample(["{\"a\":{\"b\":1},\"by_id\":{\(keys)}}"])
    func traps(_ path: String) throws -> Int {
      try Self.found("event('Order Completed').sum(property('\(path)')) > 1", events).count
    }
    #expect(try traps("by_id.k7") == 0)
    #expect(try traps("by_id.other") == 0)
    #expect(try traps("a.other") == 1)
    #expect(try traps("other") == 1)
  }

  @Test("only what definitions ask is to be looked up")
  func wanted() throws {
    func wanted(_ query: String) -> EventsOnFile.Wanted {
      let file = Checked.file("q.audience", "---\nname: Q\n---\n" + query)
      let project = Project(files: [file], folder: "audiences")
      return project.wantedOfStore(by: project.definitions)
    }
    #expect(wanted("1 = 1").isEmpty)
    let plain = wanted("event('A').count() > 1")
    #expect(plain.events == ["A"] && plain.calls.isEmpty && !plain.span)
    let more = wanted("event('A').within(1 day).sum(property('x')) > trait('t')")
    #expect(more.events == ["A"] && more.calls == [.events(of: "A"), .identify] && more.span)
  }
}
