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
      for field in definitions[index].traitFields {
        guard let place = places[field.path.name], seen.insert(field.path.name).inserted else {
          continue
        }
        definitions[index].references.append(field.path.name)
        if !definitions[place].isEnabled, definitions[index].isEnabled {
          add(
            Diagnostic(
              .disabledReference, "'\(field.path.name)' is not enabled",
              label: "a definition that is off has no current value",
              help: "enable it, or disable this definition too", at: field.range,
              in: definitions[index].source))
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
    let field = closing.traitFields.first { $0.path.name == target }
    add(
      Diagnostic(
        .cycle, "definitions refer to one another: \(keys.joined(separator: " → "))",
        label: "this closes the circle", help: "remove one of the references",
        at: field?.range ?? closing.keyRange, in: closing.source))
  }
}
