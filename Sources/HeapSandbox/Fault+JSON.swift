import Values

extension Fault {
  /// Reads a script: a JSON array of rules, each an object.
  ///
  /// `path`, then `nth`, or `from` with or without `count`; `do` is `status` (with `status`, and
  /// `retry_after` if one likes), `close`, `reset`, `truncate`, `html`, `redirect` (with `location`
  /// if one likes) or `delay` (with `ms`); `apply` is false when left out.
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
    guard endpoints.contains(where: { $0.isExactly(path) }) else {
      return "path is not one of " + endpoints.joined(separator: ", ")
    }
    guard from >= 1 else { return "requests are counted from 1" }
    guard (count ?? 1) >= 1 else { return "count is not at least 1" }
    switch action {
    case .status(let status, let retryAfter):
      guard (200...599).contains(status) else { return "status is not one of 200 to 599" }
      if let retryAfter, !retryAfter.fitsInField { return "retry_after does not fit in a header" }
    case .redirect(let location):
      if let location, !location.fitsInField { return "location does not fit in a header" }
    case .delay(let milliseconds):
      guard (0...600_000).contains(milliseconds) else { return "ms is not one of 0 to 600000" }
    case .close, .reset, .truncate, .html: break
    }
    return nil
  }

  private struct Flaw: Error { let reason: String }

  private static func rule(_ value: Value) throws(Flaw) -> Fault {
    guard case .object(let members) = value else { throw Flaw(reason: "a rule is not an object") }
    var fields = Fields(members)
    guard let path = try fields.text("path") else { throw Flaw(reason: "path is missing") }
    let nth = try fields.number("nth")
    let from = try fields.number("from")
    let count = try fields.number("count")
    guard (nth == nil) != (from == nil) else {
      throw Flaw(reason: "exactly one of nth and from is needed")
    }
    guard nth == nil || count == nil else { throw Flaw(reason: "count goes with from, not nth") }
    let apply = try fields.flag("apply")
    let action = try action(&fields)
    if case .delay = action, apply == false {
      throw Flaw(reason: "a delayed request is always applied")
    }
    try fields.end()
    return Fault(
      path: path, from: nth ?? from ?? 1, count: nth == nil ? count : 1, action,
      applies: apply ?? false)
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
    case "redirect": return .redirect(location: try fields.text("location"))
    case "delay":
      guard let milliseconds = try fields.number("ms") else { throw Flaw(reason: "ms is missing") }
      return .delay(milliseconds: milliseconds)
    default:
      throw Flaw(
        reason: "do is not one of status, close, reset, truncate, html, redirect, delay")
    }
  }

  /// The fields of a rule; each is taken out as it is read, so that unknown ones are left.
  private struct Fields {
    private var members: [Value.Member]

    init(_ members: [Value.Member]) { self.members = members }

    private mutating func take(_ name: String) -> Value? {
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
