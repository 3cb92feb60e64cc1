import Membership

/// What a request may still hold.
struct RequestRoom {
  private let format: RequestFormat
  private let limits: Outbox.Limits
  private var items = 0
  private var bytes: Int

  init(_ kind: ObjectKind, _ format: RequestFormat, _ limits: Outbox.Limits) {
    self.format = format
    self.limits = limits
    bytes = format.envelopeSize(kind)
  }

  /// Makes room for an item; false when it does not fit any more. The first one always does: alone it is
  /// what the destination is asked about.
  mutating func takes(_ item: Outbox.Item) -> Bool {
    let size = format.item(item).utf8.count + 1
    guard items == 0 || (items < limits.items && bytes + size <= limits.bytes) else { return false }
    items += 1
    bytes += size
    return true
  }
}
