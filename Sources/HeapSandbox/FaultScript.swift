import Values

/// The faults in force, and how many requests each has counted since they were set.
struct FaultScript: Sendable {
  private var rules: [(fault: Fault, counted: Int)]

  init(_ faults: [Fault]) { rules = faults.map { ($0, 0) } }

  /// Counts a request, and gives the fault that it meets.
  mutating func next(at path: String, _ verdict: Verdict) -> Fault? {
    next { $0.isAbout(path) && $0.isAbout(verdict) }
  }

  /// The cut that the next request to a path meets, which is counted then; nil counts nothing.
  mutating func nextCut(at path: String) -> Fault? {
    var ahead = self
    guard let fault = ahead.next(where: { $0.isAbout(path) && !$0.readsBody }),
      fault.action == .cut
    else { return nil }
    self = ahead
    return fault
  }

  private mutating func next(where isAbout: (Fault) -> Bool) -> Fault? {
    var met: Fault?
    for index in rules.indices where isAbout(rules[index].fault) {
      rules[index].counted += 1
      let fault = rules[index].fault
      if met == nil, fault.meets(rules[index].counted) { met = fault }
    }
    return met
  }
}

extension Fault {
  /// Whether what the body says decides.
  var readsBody: Bool { app != nil || identity != nil }

  fileprivate func isAbout(_ path: String) -> Bool { self.path?.isExactly(path) ?? true }

  fileprivate func isAbout(_ verdict: Verdict) -> Bool {
    if let app, verdict.app != ExactString(app) { return false }
    guard let identity else { return true }
    guard case .accepted(let update, _) = verdict, let pattern = try? Regex(identity) else {
      return false
    }
    return update.calls.contains { call in
      call.ids.contains { $0.text.firstMatch(of: pattern) != nil }
    }
  }

  fileprivate func meets(_ number: Int) -> Bool {
    guard number >= from else { return false }
    guard let count else { return true }
    return number - from < count
  }
}

extension Call {
  /// Every id that the item names.
  fileprivate var ids: [ExactString] {
    switch self {
    case .identify(let userID, let identity): [userID, identity]
    case .event, .user, .account: [subject.text]
    }
  }
}
