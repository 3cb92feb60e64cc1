import Values

extension Fault {
  /// Reads a script: a JSON array of rules, each an object.
  ///
  /// Which requests a rule meets is said by `path`, `app` and `identity`, none of them needed, and by
  /// `nth`, or `from` with or without `count`; without a number all of an app or an identity are met.
  /// They stand in the rule or in an object `when` of it. `do` is `status` (with `status`, and
  /// `retry_after` if one likes), `close`, `reset`, `truncate`, `html`, `cut`, `redirect` (with
  /// `location` and `status` if one likes), `delay` or `drip` (with `ms`); `apply` is false when left
  /// out.
  ///
  /// - Throws: `SandboxError.fault` with the place of the rule, and 0 when it is no array.
  public static func script(_ value: Value) throws(SandboxError) -> [Fault] {
    guard case .array(let elements) = value else {
      throw .fault(0, "the script is not an array of rules")
    }
    var faults: [Fault] = []
    for (index, element) in elements.enumerated() {
      do throws(Flaw) {
        faults.append(try rule(element))
      } catch {
        throw .fault(index + 1, error.reason)
      }
    }
    return faults
  }

  /// What is wrong with one rule, made in a program or read from JSON; nil when nothing is.
  func flaw(endpoints: [String]) -> String? {
    if let path, !endpoints.contains(where: { $0.isExactly(path) }) {
      return "path is not one of " + endpoints.joined(separator: ", ")
    }
    guard from >= 1 else { return "requests are counted from 1" }
    guard (count ?? 1) >= 1 else { return "count is not at least 1" }
    if let identity, (try? Regex(identity)) == nil { return "identity is no regular expression" }
    switch action {
    case .status(let status, let retryAfter):
      guard (200...599).contains(status) else { return "status is not one of 200 to 599" }
      if let retryAfter, !retryAfter.fitsInField { return "retry_after does not fit in a header" }
    case .redirect(let status, let location):
      guard [301, 302, 303, 307, 308].contains(status) else {
        return "status is not one of 301, 302, 303, 307, 308"
      }
      if let location, !location.fitsInField { return "location does not fit in a header" }
    case .delay(let milliseconds), .drip(let milliseconds):
      guard (0...600_000).contains(milliseconds) else { return "ms is not one of 0 to 600000" }
    case .cut:
      if readsBody { return "cut comes before the body, which says app and identity" }
      if applies { return "a request that is cut is never applied" }
    case .close, .reset, .truncate, .html: break
    }
    return nil
  }

  private struct Flaw: Error { let reason: String }

  private static func rule(_ value: Value) throws(Flaw) -> Fault {
    guard case .object(let members) = value else { throw Flaw(reason: "a rule is not an object") }
    var fields = Fields(members)
    if let condition = fields.take("when") {
      guard case .object(let members) = condition else {
        throw Flaw(reason: "when is not an object")
      }
      fields.add(members)
    }
    let path = try fields.text("path")
    let app = try fields.text("app")
    let identity = try fields.text("identity")
    let nth = try fields.number("nth")
    let from = try fields.number("from")
    let count = try fields.number("count")
    guard nth == nil || from == nil, (nth ?? from) != nil || (app ?? identity) != nil
    else { throw Flaw(reason: "exactly one of nth and from is needed") }
    guard nth == nil || count == nil else { throw Flaw(reason: "count goes with from, not nth") }
    let apply = try fields.flag("apply")
    let action = try action(&fields)
    if case .delay = action, apply == false {
      throw Flaw(reason: "a delayed request is always applied")
    }
    try fields.end()
    return Fault(
      path: path, from: nth ?? from ?? 1, count: nth == nil ? count : 1, app: app,
      identity: identity, action, applies: apply ?? false)
  }

  private static func action(_ fields: inout Fields) throws(Flaw) -> Action {
    switch try fields.text("do") {
    case "status":
      guard let status = try fields.number("status") else {
        throw Flaw(reason: "status is missing")
      }
      return .status(status, retryAfter: try fields.text("retry_after"))
    case "close": return .close
    case "reset": return .reset
    case "truncate": return .truncate
    case "html": return .html
    case "cut": return .cut
    case "redirect":
      return .redirect(
        status: try fields.number("status") ?? 302, location: try fields.text("location"))
    case "delay": return .delay(milliseconds: try milliseconds(&fields))
    case "drip": return .drip(milliseconds: try milliseconds(&fields))
    default:
      throw Flaw(
        reason: "do is not one of status, close, reset, truncate, html, cut, redirect, delay, drip"
      )
    }
  }

  private static func milliseconds(_ fields: inout Fields) throws(Flaw) -> Int {
    guard let number = try fields.number("ms") else { throw Flaw(reason: "ms is missing") }
    return number
  }

  /// The fields of a rule; each is taken out as it is read, so that unknown ones are left.
  private struct Fields {
    private var members: [Value.Member]

    init(_ members: [Value.Member]) { self.members = members }

    /// Fields that stand in an object of the rule; one that stands in both is one too many.
    mutating func add(_ more: [Value.Member]) { members += more }

    mutating func take(_ name: String) -> Value? {
      guard let index = members.firstIndex(where: { $0.key.isExactly(name) }) else { return nil }
      return members.remove(at: index).value
    }

    mutating func text(_ name: String) throws(Flaw) -> String? {
      guard let value = take(name) else { return nil }
      guard case .string(let text) = value else { throw Flaw(reason: "\(name) is not a string") }
      return text
    }

    mutating func number(_ name: String) throws(Flaw) -> Int? {
      guard let value = take(name) else { return nil }
      guard case .number(let number) = value, let whole = Int(exactly: number) else {
        throw Flaw(reason: "\(name) is not a whole number")
      }
      return whole
    }

    mutating func flag(_ name: String) throws(Flaw) -> Bool? {
      guard let value = take(name) else { return nil }
      guard case .boolean(let flag) = value else {
        throw Flaw(reason: "\(name) is not true or false")
      }
      return flag
    }

    func end() throws(Flaw) {
      guard members.isEmpty else {
        throw Flaw(reason: "there is a field that this rule does not have")
      }
    }
  }
}

extension String {
  /// Whether it can be the value of a header field without ending the field.
  fileprivate var fitsInField: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
}
