import Foundation
import Testing

/// An `Order Completed` call, one line.
func order(
  _ user: String, at time: String, id: String, revenue: String = "10"
) -> String {
  """
  {"type":"track","event":"Order Completed","messageId":"\(id)","userId":"\(user)",\
  "timestamp":"\(time)","properties":{"revenue":\(revenue)}}

  """
}

extension Rollcall {
  /// A folder with the orders of six users in 2023 and three definitions over them, not yet rolled.
  ///
  /// Within 30 days of 2023-03-01 are ann, bob, cai and fay, who has an older order too; dot has
  /// only an older one, and eve's is to come on 2023-03-05.
  static func withOrders() throws -> Rollcall {
    let rollcall = try Rollcall()
    try rollcall.write(orders, to: "calls.ndjson")
    try rollcall.write(storeWithOrders.get(), to: "rollcall.sqlite")
    try rollcall.define(
      "recent.audience", "event('Order Completed').within(30 days).count() >= 1")
    try rollcall.define("spent.trait", "event('Order Completed').sum(property('revenue'))")
    try rollcall.define("orders.trait", "event('Order Completed').within(30 days).count()")
    try rollcall.addHeap()
    return rollcall
  }

  private static let orders =
    order("ann", at: "2023-02-10T12:00:00Z", id: "1", revenue: "10.50")
    + order("bob", at: "2023-02-20T12:00:00Z", id: "2", revenue: "20")
    + order("cai", at: "2023-02-28T12:00:00Z", id: "3", revenue: "30")
    + order("dot", at: "2022-12-24T12:00:00Z", id: "4", revenue: "40")
    + order("eve", at: "2023-03-05T12:00:00Z", id: "5", revenue: "50")
    + order("fay", at: "2023-01-02T12:00:00Z", id: "6", revenue: "60")
    + order("fay", at: "2023-02-02T12:00:00Z", id: "7", revenue: "0.25")

  /// A store with the orders in it, made once by the binary itself.
  private static let storeWithOrders = Result<Data, any Error> {
    let rollcall = try Rollcall()
    try rollcall.ingest(orders)
    return try Data(contentsOf: URL(fileURLWithPath: rollcall.store))
  }

  /// A destination that takes its address and app id from the environment.
  func addHeap(_ settings: String = "") throws {
    try write("---\ntype: heap\n\(settings)---\n", to: "audiences/heap.destination")
  }
}
