import Definitions
import Membership
import SQLite

/// The encoder of each definition at one destination: that of what it was told, or else the one that
/// the destination's file asks for.
struct Encoders {
  /// What the file asks for.
  let wanted: PropertyEncoder
  private var ofDefinition: [Int64: PropertyEncoder] = [:]

  init(
    _ connection: Connection, _ destination: Int64, _ definition: DestinationDefinition
  ) throws {
    wanted = PropertyEncoder(definition)
    let rows = try connection.prepare(
      "SELECT definition, encoding FROM encodings WHERE destination = ?"
    ).all(.init(destination)) { ($0.int(0), $0.text(1)) }
    for (id, text) in rows {
      guard let encoding = Encoding(text: text) else { throw SQLiteError.damaged("encodings") }
      ofDefinition[id] = PropertyEncoder(encoding, longValues: definition.longValues)
    }
  }

  subscript(definition: Int64) -> PropertyEncoder { ofDefinition[definition] ?? wanted }

  /// The same, where every definition is in the form that the file asks for.
  var asWanted: Encoders {
    var encoders = self
    encoders.ofDefinition = [:]
    return encoders
  }

  /// The definitions that were told something in another encoding than the file asks for.
  var others: [Int64] {
    ofDefinition.filter { $0.value.encoding != wanted.encoding }.map(\.key).sorted()
  }
}
