import Delivery
import Operations
import Values

/// What of a destination waits for the users' identities, or for an approval.
struct HeldText {
  let withoutIdentity: Int
  let sharedIdentity: Int
  let encodingChanges: [EncodingChange]

  var members: [Value.Member] {
    [
      .init("without_identity", .init(count: withoutIdentity)),
      .init("shared_identity", .init(count: sharedIdentity)),
      .init(
        "encoding_changes",
        .array(
          encodingChanges.map { change in
            .object([
              .init("key", .string(change.key)), .init("values", .init(count: change.values)),
            ])
          })),
    ]
  }

  var parts: [String] {
    var parts: [String] = []
    if withoutIdentity > 0 {
      parts.append("\(counted(withoutIdentity, "user")) held without an identity")
    }
    if sharedIdentity > 0 {
      parts.append("\(counted(sharedIdentity, "user")) held with an identity of more than one")
    }
    let values = encodingChanges.reduce(0) { $0 + $1.values }
    if values > 0 {
      parts.append("encoding changes for \(counted(values, "value")), held until approved")
    }
    return parts
  }
}
