/// The example definitions over purchases, computed by plain loops that share nothing with the
/// project.
struct ExpectedValues {
  /// The lines that `export` prints for each definition: users in the order of their ids' bytes.
  private(set) var exports: [String: String] = [:]
  /// The users of each definition.
  private(set) var users: [String: [String]] = [:]

  /// - Parameters:
  ///   - purchases: in the order of their arrival.
  ///   - day: the instant, midnight UTC of a day since 1997-01-01.
  init(_ purchases: [Purchase], on day: Int) {
    var customers: [String: [Purchase]] = [:]
    for purchase in purchases where purchase.day <= day {
      customers[purchase.customer, default: []].append(purchase)
    }
    for key in Self.keys {
      exports[key] = ""
      users[key] = []
    }
    for customer in customers.keys.sorted(by: { Array($0.utf8).lexicographicallyPrecedes($1.utf8) })
    {
      var orders = customers[customer] ?? []
      // Orders of one day stay in the order of their arrival.
      for end in orders.indices {
        var place = end
        while place > 0, orders[place - 1].day > orders[place].day {
          orders.swapAt(place - 1, place)
          place -= 1
        }
      }
      for (key, value) in Self.values(orders, day) {
        guard let value else { continue }
        exports[key, default: ""] += "{\"user_id\":\"\(customer)\",\"value\":\(value)}\n"
        users[key, default: []].append(customer)
      }
    }
  }

  static let keys = values([], 0).map(\.key)

  /// JSON of each definition's value for one customer; nil for no member and no value.
  private static func values(_ orders: [Purchase], _ day: Int) -> [(key: String, value: String?)] {
    var last30 = 0
    var last60 = 0
    var last90 = 0
    var from60To120 = 0
    var yearCents = 0
    var lifetimeCents = 0
    var bulk = false
    for order in orders {
      let age = day - order.day
      if age <= 30 { last30 += 1 }
      if age <= 60 { last60 += 1 }
      if age <= 90 { last90 += 1 }
      if age >= 60, age <= 120 { from60To120 += 1 }
      if age <= 365 { yearCents += order.cents }
      if age <= 180, order.quantity >= 5 { bulk = true }
      lifetimeCents += order.cents
    }
    let lapsed = !orders.isEmpty && last90 == 0
    func member(_ condition: Bool) -> String? { condition ? "true" : nil }
    return [
      ("big_spenders", member(yearCents >= 20_000)),
      ("bulk_buyers", member(bulk)),
      ("favourite_quantity", favourite(orders)),
      ("lapsed_big_spenders", member(lapsed && lifetimeCents >= 10_000)),
      ("lapsed_customers", member(lapsed)),
      ("last_order_value", orders.last.map { Purchases.dollars($0.cents) }),
      ("lifetime_value", orders.isEmpty ? nil : Purchases.dollars(lifetimeCents)),
      ("number_of_orders", "\(orders.count)"),
      ("order_completed_last_30days", member(last30 > 0)),
      ("orders_last_90days", "\(last90)"),
      ("quiet_for_a_quarter", member(from60To120 > 0 && last60 == 0)),
      ("second_order_within_a_month", member(cameBack(orders))),
      ("two_orders_last_30days", member(last30 >= 2)),
    ]
  }

  private static func cameBack(_ orders: [Purchase]) -> Bool {
    for first in orders {
      for other in orders where other.day > first.day && other.day <= first.day + 30 {
        return true
      }
    }
    return false
  }

  /// The quantity that occurs most often, twice or more; of two the one whose digits come first.
  private static func favourite(_ orders: [Purchase]) -> String? {
    var best: (text: String, count: Int)?
    for order in orders {
      var count = 0
      for other in orders where other.quantity == order.quantity { count += 1 }
      let text = String(order.quantity)
      guard count >= 2 else { continue }
      if let known = best, known.count > count || known.count == count && known.text <= text {
        continue
      }
      best = (text, count)
    }
    return best.map { "\"\($0.text)\"" }
  }
}
