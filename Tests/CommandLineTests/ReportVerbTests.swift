import Foundation
import Testing
import Values

@Suite("The report")
struct ReportVerbTests {
  /// The page that the binary writes, checked for what every page must be.
  private static func page(
    _ rollcall: Rollcall, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ParsedMarkup {
    let outcome = try rollcall.run(["report"] + words)
    #expect(outcome.ending == .code(0), "\(outcome.errors)", sourceLocation: sourceLocation)
    let text = try rollcall.read("report.html")
    let page = ParsedMarkup(text)
    #expect(page.problem == nil, sourceLocation: sourceLocation)
    for name in ["script", "link", "img", "iframe", "object", "form", "base"] {
      #expect(page.all(name).isEmpty, "\(name)", sourceLocation: sourceLocation)
    }
    for element in page.elements {
      for (key, value) in element.attributes {
        #expect(!key.hasPrefix("on") && key != "src", "\(key)", sourceLocation: sourceLocation)
        if key == "href" { #expect(value.hasPrefix("#"), sourceLocation: sourceLocation) }
      }
    }
    #expect(!text.contains("url("), sourceLocation: sourceLocation)
    // Every link leads somewhere, and every place is there once.
    let ids = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count, sourceLocation: sourceLocation)
    for link in page.all("a") {
      let target = String(link.attributes["href"]?.dropFirst() ?? "")
      #expect(ids.contains(target), "\(target)", sourceLocation: sourceLocation)
    }
    return page
  }

  @Test("The purchases' report has every definition, its chart, its forecast and its overlap")
  func sample() throws {
    let rollcall = try Rollcall.withSample()
    for month in 2...7 {
      try rollcall.json(
        "run", "--no-send", "--at", Purchases.instant(Purchases.day(1998, month, 1)))
    }
    let at = Purchases.instant(Purchases.day(1998, 7, 1))
    let page = try Self.page(rollcall, "--at", at)
    let document = try rollcall.json("report", "--at", at)
    let status = try rollcall.json("status", "--at", at)
    let audiences = document["audiences"].elements
    #expect(audiences.count == 8)
    #expect(document["traits"].elements.count == 5)
    #expect(page.all("article", class: "audience").count == 8)
    #expect(page.all("article", class: "trait").count == 5)
    #expect(page.all("svg", class: "sizes").count == 13)
    #expect(page.all("table", class: "forecast").count == 8)
    #expect(page.all("table", class: "matrix").count == 1)
    #expect(page.all("pre", class: "query").count == 13)
    for audience in audiences {
      let key = audience["key"]
      let known = status["definitions"].elements.first { $0["key"] == key }
      #expect(audience["members"] == known?["members"])
      #expect(audience["sizes"].elements.count == 6)
      #expect(audience["sizes"].elements.last?["members"] == audience["members"])
      #expect(audience["next_run"].json == #"{"enter":0,"leave":0,"change":0}"#)
      #expect(audience["forecast"].elements.map(\.["days"].json) == ["1", "7", "30"])
    }
    // The last purchase is from before: a month later nobody has bought in the past month.
    let key = "order_completed_last_30days"
    let recent = audiences.first { $0["key"] == .string(key) }
    #expect(recent?["forecast"].elements.last?["leave"] == recent?["members"])
    // The overlap is that of the exported members.
    let small = ["two_orders_last_30days", key].map { key in
      Set((try? rollcall.run("export", key).output.split(separator: "\n").map(String.init)) ?? [])
    }
    let pair = document["overlap"].elements.first {
      Set($0["keys"].elements) == [.string("two_orders_last_30days"), .string(key)]
    }
    #expect(pair?["common"].count == small[0].intersection(small[1]).count)
    #expect(try rollcall.read("report.html").contains("Worth a personal letter."))
  }

  @Test("Ids are in no report, and values of traits only when they are asked for")
  func privacy() throws {
    let rollcall = try Rollcall()
    let user = "ann.secret@example.com"
    try rollcall.ingest(
      order(user, at: "2023-02-01T00:00:00Z", id: "1", revenue: "8472.25")
        + """
        {"type":"identify","messageId":"2","userId":"\(user)","timestamp":"2023-02-01T00:00:00Z",\
        "traits":{"city":"Hidden Falls"}}

        """)
    try rollcall.define("spent.trait", "event('Order Completed').sum(property('revenue'))")
    try rollcall.define("city.trait", "trait('city')", name: "Home")
    try rollcall.define("ever.audience", "trait('spent') > 0")
    let at = ["--at", "2023-03-01"]
    for words in [["report"], ["report", "--json"]] {
      let outcome = try rollcall.run(words + at)
      let page = try rollcall.read("report.html")
      for secret in [user, "8472", "8,472", "Hidden"] {
        let isShown = (outcome.everything + page).contains(secret)
        #expect(!isShown, "\(secret)")
      }
    }
    let shown = try rollcall.run(["report", "--show-values", "--json", "-o", "report.html"] + at)
    let page = try rollcall.read("report.html")
    #expect(!(shown.everything + page).contains(user))
    #expect(page.contains("Hidden Falls") && page.contains("8,472.25") == false)
    #expect(page.contains("8472.25"))
    let traits = try Value(json: shown.output)["traits"].elements
    #expect(traits.last?["distribution"]["bins"].elements.map(\.["count"].json) == ["1"])
    #expect(traits.first?["distribution"]["texts"].json == #"[{"value":"Hidden Falls","count":1}]"#)
  }

  @Test("Markup in names, descriptions, queries and values stays text")
  func escaping() throws {
    let rollcall = try Rollcall()
    let attack = #"<script>alert("1")</script> & 'x' \u{1}]]>"#
    try rollcall.ingest(
      """
      {"type":"track","event":"A","userId":"u","messageId":"1","timestamp":"2023-01-01T00:00:00Z",\
      "properties":{"t":"<b onclick=\\"x\\">&amp;\\u0007"}}

      """)
    try rollcall.write(
      "---\nname: \(attack)\nkey: bad\ndescription: \(attack)\n---\n-- \(attack)\n"
        + "event('A').where(property('<i>') != '</pre><script>').count() >= 0\n",
      to: "audiences/bad.audience")
    try rollcall.define("other.audience", "event('A').count() >= 1", name: "</title><script>")
    try rollcall.define("text.trait", "event('A').first(property('t'))", name: "T")
    try rollcall.write(
      "---\ntype: file\npath: a.ndjson\n---\n", to: "audiences/<u>&.destination")
    try rollcall.json("run", "--no-send", "--at", "2023-03-01")
    let page = try Self.page(rollcall, "--at", "2023-03-01", "--show-values")
    let heads = page.all("h3").map(\.text)
    #expect(heads.contains { $0.hasPrefix("<script>alert(\"1\")</script> & 'x'") })
    #expect(heads.contains { $0.hasPrefix("<u>&") })
    #expect(page.all("pre").map(\.text).contains { $0.contains("</pre><script>") })
    #expect(page.all("span").map(\.text).contains("<b onclick=\"x\">&amp;\u{FFFD}"))
    #expect(page.all("table", class: "matrix").count == 1)
  }

  @Test("200 definitions have a page, and a matrix of 40 that names the others")
  func manyDefinitions() throws {
    let rollcall = try Rollcall()
    try rollcall.ingest(
      (1...120).map { number in
        order(
          "u\(number)", at: "2023-02-0\(1 + number % 9)T00:00:00Z", id: "\(number)",
          revenue: "\(number)")
      }.joined())
    for number in 1...150 {
      try rollcall.define(
        "a\(number).audience", "event('Order Completed').sum(property('revenue')) >= \(number)",
        name: "Least \(number)")
    }
    for number in 1...50 {
      try rollcall.define(
        "t\(number).trait", "event('Order Completed').within(\(number) days).count()")
    }
    try rollcall.json("run", "--no-send", "--at", "2023-03-01")
    let page = try Self.page(rollcall, "--at", "2023-03-01")
    #expect(page.all("article", class: "audience").count == 150)
    #expect(page.all("article", class: "trait").count == 50)
    let matrix = try #require(page.all("table", class: "matrix").first)
    #expect(page.all("th").count { $0.attributes["title"] != nil } == 40)
    #expect(matrix.text.contains("40 Least 40"))
    #expect(!matrix.text.contains("41 Least 41"))
    let notes = page.all("p").map(\.text).filter { $0.contains("not shown") }
    #expect(notes.count == 1)
    #expect(notes.allSatisfy { $0.contains("Least 41,") && $0.contains("Least 120") })
    // Nobody spent as much as that: such audiences are in no matrix.
    #expect(notes.allSatisfy { !$0.contains("Least 121") })
  }

  @Test("Without users, runs or destinations there is a page, too")
  func nothingYet() throws {
    let rollcall = try Rollcall()
    try rollcall.ingest(order("eve", at: "2023-03-05T12:00:00Z", id: "5"))
    try rollcall.define("recent.audience", "event('Order Completed').count() >= 1")
    try rollcall.define("spent.trait", "event('Order Completed').sum(property('revenue'))")
    let page = try Self.page(rollcall, "--at", "2023-03-01", "--show-values")
    #expect(page.all("article").count == 2)
    #expect(page.all("table", class: "matrix").isEmpty)
    #expect(page.all("p").map(\.text).contains("No destination: nothing is sent."))
    #expect(page.all("p").map(\.text).contains("No run has met it yet."))
    let document = try rollcall.json("report", "--at", "2023-03-01")
    #expect(document["users"] == .number(0))
    #expect(document["last_run"] == .absent)
    #expect(document["audiences"][0]["share"] == .absent)
    #expect(document["audiences"][0]["next_run"] == .absent)
    // She comes on the fifth.
    #expect(
      document["audiences"][0]["forecast"].json
        == #"[{"days":1,"leave":0,"enter":0},{"days":7,"leave":0,"enter":1},{"days":30,"leave":0,"enter":1}]"#
    )
  }

  @Test("A report may be written over, and nothing else")
  func overwriting() throws {
    let rollcall = try Rollcall.withOrders()
    for _ in 1...2 { _ = try Self.page(rollcall, "--at", "2023-03-01") }
    try rollcall.write("mine", to: "mine.html")
    let refused = try rollcall.run("report", "-o", "mine.html", "--at", "2023-03-01")
    #expect(refused.ending == .code(2))
    #expect(refused.errors.contains("'mine.html' is there already, and is no report"))
    #expect(try rollcall.read("mine.html") == "mine")
    try rollcall.write("", to: "empty.html")
    #expect(try rollcall.run("report", "-o", "empty.html").ending == .code(0))
    try rollcall.write("", to: "folder/x")
    let folder = try rollcall.run("report", "-o", "folder")
    #expect(folder.ending == .code(2))
    let nowhere = try rollcall.run("report", "-o", "nowhere/report.html")
    #expect(nowhere.ending == .code(2))
    #expect(nowhere.errors.contains("'nowhere/report.html' cannot be written"))
    let files = try FileManager.default.contentsOfDirectory(atPath: rollcall.folder.path)
    #expect(!files.contains { $0.hasSuffix(".new") })
    // A document is no file.
    try rollcall.remove("report.html")
    try rollcall.json("report", "--at", "2023-03-01")
    #expect(!rollcall.exists("report.html"))
  }

  @Test("A report writes nothing to the store, and fails where there is none")
  func store() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.json("run", "--no-send", "--at", "2023-03-01")
    try rollcall.ingest(order("new", at: "2023-03-02T00:00:00Z", id: "9"), as: "more.ndjson")
    let before = try rollcall.contents()
    let document = try rollcall.json("report", "--at", "2023-03-03")
    let isUntouched = try rollcall.contents() == before
    #expect(isUntouched)
    #expect(document["new_events"] == .number(1))
    let recent = document["audiences"][0]
    #expect(recent["next_run"].json == #"{"enter":1,"leave":0,"change":0}"#)
    #expect(document["destinations"][0]["acknowledged"] == .number(0))
    try rollcall.remove("audiences/recent.audience")
    #expect(
      try rollcall.json("report", "--at", "2023-03-03")["removed"].json
        == #"[{"key":"recent","members":4}]"#)
    let elsewhere = try rollcall.run("report", "--store", "none.sqlite")
    #expect(elsewhere.ending == .code(4))
    #expect(!rollcall.exists("report.html"))
  }
}
