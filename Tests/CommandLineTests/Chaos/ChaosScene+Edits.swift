import Foundation
import Values

/// What is edited and what arrives.
extension ChaosScene {
  func define(_ file: String, _ query: String, isAccount: Bool = false) throws {
    story.append("\(file): \(query)")
    try rollcall.define(
      file, query,
      front: (plan.isGuarded ? "" : "guard: off\n")
        + (isAccount ? "type: accounts\nsend: both\n" : ""))
  }

  func write(_ model: ChaosModel) throws {
    story.append("\(model.file): \(model.isEnabled ? "\(model.days) days" : "off")")
    try rollcall.write(model.text, to: "audiences/" + model.file)
  }

  /// What a value that went away becomes at the destination, from now on.
  func encode(_ absent: String) throws {
    story.append("absent: \(absent)")
    self.absent = absent
    hasKept = hasKept || absent == "keep"
    try rollcall.addHeap(
      "account_property: account_id\nabsent: \(absent)\n"
        + (plan.knowsByMail ? "identity: trait email\n" : "")
        + (plan.sendsJSON ? "booleans: json\n" : ""))
  }

  func edit() throws {
    let days = 5 + random.next(upTo: 40)
    switch random.next(upTo: models.isEmpty ? 6 : 9) {
    case 0: try define("recent.audience", "event('Bought').within(\(days) days).count() >= 1")
    case 1: try define("bought.trait", "event('Bought').within(\(days) days).count()")
    case 2:
      try define("place.trait", random.next(upTo: 2) == 0 ? "trait('spot')" : "trait('town')")
    case 3: try encode(random.next(upTo: 2) == 0 ? "keep" : "empty")
    case 4: try edit("extra.trait", besides: "other.trait")
    case 5: try edit("other.trait", besides: "extra.trait")
    default:
      let place = random.next(upTo: models.count)
      if random.next(upTo: 4) == 0 { models[place].isEnabled.toggle() }
      models[place].days = days
      try write(models[place])
    }
  }

  /// A definition that comes and goes, now and then in the other's place.
  private func edit(_ file: String, besides other: String) throws {
    if rollcall.exists("audiences/" + file) {
      story.append("\(file) is removed")
      return try rollcall.remove("audiences/" + file)
    }
    if rollcall.exists("audiences/" + other), random.next(upTo: 2) == 0 {
      story.append("\(other) is removed")
      try rollcall.remove("audiences/" + other)
    }
    try define(file, "trait('town')")
  }

  /// Puts everything back on that an edit may have switched off, and says what the last word is.
  func lastEdits() throws {
    for place in models.indices where !models[place].isEnabled {
      models[place].isEnabled = true
      try write(models[place])
    }
    try encode(plan.keepsAbsent ? "keep" : "empty")
  }

  // MARK: Calls

  func ingestEverybody() throws {
    var lines = ""
    for user in 0..<plan.users {
      if plan.isGuarded { lines += line(user, #""type":"track","event":"Bought""#, upTo: 20) }
      if plan.knowsByMail, random.next(upTo: 6) > 0 {
        lines += line(user, #""type":"identify","traits":{"email":"secret mail \#(user)"}"#)
      }
    }
    try ingest(lines, "everybody")
  }

  func ingest(_ count: Int) throws {
    var lines = ""
    for _ in 0..<count {
      // Some of the calls are weeks late.
      let late = random.next(upTo: 5) == 0 ? 60 : 20
      let user = random.next(upTo: plan.users)
      lines += line(user, somethingDone(by: user), upTo: late)
    }
    try ingest(lines, "\(count) calls")
  }

  private func ingest(_ lines: String, _ what: String) throws {
    guard !lines.isEmpty else { return }
    try rollcall.write(lines, to: "calls.ndjson")
    if random.next(upTo: 4) == 0 {
      note(["ingest"], try rollcall.run("ingest", "calls.ndjson", crash: "ingest"), "crash")
    }
    note(["ingest"], try rollcall.run("ingest", "calls.ndjson"), what)
  }

  private func line(_ user: Int, _ rest: String, upTo days: Int = 1) -> String {
    calls += 1
    let time = Instant(milliseconds: now - Int64(random.next(upTo: days)) * Self.day)
    return """
      {"messageId":"m\(calls)","userId":"secret user \(user)","timestamp":"\(time)",\(rest)}

      """
  }

  private func somethingDone(by user: Int) -> String {
    let town = random.next(upTo: 3)
    let place = random.pick([
      #"{"town":"secret town \#(town)","zip":\#(town)}"#, #"{"town":"secret town \#(town)"}"#,
      #""secret place""#,
    ])
    return random.pick([
      #""type":"track","event":"Bought""#, #""type":"track","event":"Bought""#,
      #""type":"identify","traits":{"spot":\#(place),"town":"secret \#(town)"\#(mail(of: user))}"#,
      #""type":"group","groupId":"secret account \#(user % 3)","traits":{"level":"secret \#(town)"}"#,
    ])
  }

  /// An address of one's own, another one, one that two have, none any more, or nothing said of it.
  private func mail(of user: Int) -> String {
    guard plan.knowsByMail else { return "" }
    return random.pick([
      "", #","email":"secret mail \#(user)""#, #","email":"secret other mail \#(user)""#,
      #","email":"secret mail of two \#(user / 2)""#, #","email":null"#,
    ])
  }
}
