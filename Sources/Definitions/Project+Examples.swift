extension Project {
  /// Refuses examples that give a value to a definition: it is computed, and would never be read.
  mutating func refuseComputedTraits() {
    let keys = Set(definitions.map(\.key))
    for definition in definitions {
      for trait in definition.examples.flatMap(\.traits) where keys.contains(trait.name) {
        add(
          Diagnostic(
            .computedTrait, "'\(trait.name)' is a definition, and its value is computed",
            label: "not a custom trait", help: "write the events that give it this value instead",
            at: trait.nameRange, in: definition.source))
      }
    }
  }
}
