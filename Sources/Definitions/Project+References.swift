import Values

extension Project {
  /// Finds which traits are definitions, refuses cycles, and puts every definition behind those
  /// that it refers to.
  mutating func resolveReferences() {
    var places: [String: Int] = [:]
    for (index, definition) in definitions.enumerated() where places[definition.key] == nil {
      places[definition.key] = index
    }
    for index in definitions.indices {
      var seen: Set<String> = []
      for reference in definitions[index].traitFields {
        let field = reference.field
        guard let place = places[field.path.name] else { continue }
        check(reference, from: definitions[index], to: definitions[place])
        if seen.insert(field.path.name).inserted {
          definitions[index].references.append(field.path.name)
        }
      }
    }
    sortByReferences(places)
  }

  /// Depth first, with a stack of its own: references may be as long a chain as there are files.
  private mutating func sortByReferences(_ places: [String: Int]) {
    enum Mark { case open, done }
    var marks: [Int: Mark] = [:]
    var sorted: [Int] = []
    for root in definitions.indices where marks[root] == nil {
      var path: [(definition: Int, next: Int)] = [(root, 0)]
      marks[root] = .open
      while let (current, next) = path.last {
        let references = definitions[current].references
        guard next < references.count else {
          marks[current] = .done
          sorted.append(current)
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        guard let target = places[references[next]] else { continue }
        switch marks[target] {
        case .done: break
        case .open:
          let start = path.firstIndex { $0.definition == target } ?? 0
          refuseCycle(path[start...].map(\.definition))
        case nil:
          marks[target] = .open
          path.append((target, 0))
        }
      }
    }
    reorder(sorted)
    findStrata()
  }

  private mutating func check(
    _ reference: TraitReference, from definition: Definition, to target: Definition
  ) {
    let name = target.key
    if !target.isEnabled, definition.isEnabled {
      add(
        Diagnostic(
          .disabledReference, "'\(name)' is not enabled",
          label: "a definition that is off has no current value",
          help: "enable it, or disable this definition too", at: reference.field.range,
          in: definition.source))
    }
    if definition.subject == .accounts, reference.asked != target.subject {
      let help =
        target.subject == .users
        ? "ask its users: ANY (trait('\(name)') = true)"
        : "inside ANY and ALL the user's own traits and definitions are read"
      add(
        Diagnostic(
          .wrongSubject,
          "'\(name)' is about \(target.subject.rawValue), and here "
            + "\(reference.asked.rawValue) are asked",
          label: "a definition of \(target.subject.rawValue)", help: help,
          at: reference.field.range, in: definition.source))
    }
  }

  /// Users, then accounts, then users who refer to accounts; there is no fourth.
  private mutating func findStrata() {
    var strata: [String: Definition.Stratum] = [:]
    for index in definitions.indices {
      let definition = definitions[index]
      let highest = definition.references.compactMap { strata[$0] }.max() ?? .users
      let stratum: Definition.Stratum =
        definition.subject == .accounts
        ? .accounts : highest == .users ? .users : .usersOfAccounts
      if definition.subject == .accounts, highest == .usersOfAccounts {
        let field = definition.traitFields.first { strata[$0.field.path.name] == highest }?.field
        add(
          Diagnostic(
            .wrongSubject,
            "'\(field?.path.name ?? "")' refers to accounts itself, and is not known yet when "
              + "accounts are evaluated",
            label: "evaluated after the accounts",
            help: "refer to definitions that ask only the user",
            at: field?.range ?? definition.keyRange, in: definition.source))
      }
      strata[definition.key] = stratum
      definitions[index].stratum = stratum
    }
  }

  private mutating func refuseCycle(_ cycle: [Int]) {
    guard let first = cycle.first, let last = cycle.last else { return }
    guard diagnostics.count(where: { $0.id == .cycle }) < Diagnostic.limit else { return }
    var keys = (cycle + [first]).map { definitions[$0].key }
    // A line of so many keys would not be read.
    if keys.count > 24 {
      keys.replaceSubrange(12..<(keys.count - 11), with: ["(\(keys.count - 23) more)"])
    }
    let closing = definitions[last]
    let target = definitions[first].key
    let field = closing.traitFields.first { $0.field.path.name == target }?.field
    add(
      Diagnostic(
        .cycle, "definitions refer to one another: \(keys.joined(separator: " → "))",
        label: "this closes the circle", help: "remove one of the references",
        at: field?.range ?? closing.keyRange, in: closing.source))
  }
}
