/// The account of what was sent, of whichever kind. Each function runs inside a write transaction of
/// its caller.
protocol RequestLedger {
  /// What of some items is still to be sent: a run may have taken something back since they were read.
  func stillOwed(_ items: ArraySlice<Outbox.Item>) throws -> ArraySlice<Outbox.Item>
  /// Before a request: what it holds may be at the destination from now on.
  func markInDoubt(_ items: ArraySlice<Outbox.Item>) throws
  /// After an accepted answer.
  func acknowledge(_ items: ArraySlice<Outbox.Item>) throws
  /// After a definite refusal: nothing that only this request put in doubt is.
  func dispelDoubt(_ items: ArraySlice<Outbox.Item>) throws
  /// Puts an item aside, with the answer that refused it.
  func quarantine(_ item: Outbox.Item, status: Int, body: String) throws
}

extension RequestLedger {
  func stillOwed(_ items: ArraySlice<Outbox.Item>) throws -> ArraySlice<Outbox.Item> { items }
}

extension Ledger: RequestLedger {}
