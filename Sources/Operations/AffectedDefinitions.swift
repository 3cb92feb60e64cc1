import Definitions
import Membership

/// Which definitions may have other values for people about whom nothing has changed.
enum AffectedDefinitions {
  /// The places of the definitions that are new, edited, or back again, and of those that mention
  /// them, or one that is off or gone, however far. A mention is found by the key's text: too many
  /// cost time only.
  static func places(
    _ definitions: [Definition], _ entries: [DefinitionRegistry.Entry]
  ) -> Set<Int> {
    var keys = entries.filter { $0.change != .unchanged }.map(\.key)
    var places: Set<Int> = []
    for (place, entry) in entries.enumerated()
    where [.added, .edited, .enabled].contains(entry.change) {
      places.insert(place)
    }
    while let key = keys.popLast() {
      for (place, definition) in definitions.enumerated()
      where !places.contains(place) && definition.canonicalText.contains(key) {
        places.insert(place)
        keys.append(definition.key)
      }
    }
    return places.filter { definitions[$0].isEnabled }
  }
}
