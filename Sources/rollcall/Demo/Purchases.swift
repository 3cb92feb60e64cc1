import CDemoData
import Values

/// The purchases that come with the project, as calls.
enum Purchases {
  /// Midnight UTC of the first day, 1997-01-01.
  private static let firstDay = Instant(milliseconds: 852_076_800_000)

  /// One `Order Completed` track call a line, by customer and time.
  static var calls: String {
    var size = 0
    let start = rollcall_demo_purchases(&size)
    let text = String(decoding: UnsafeBufferPointer(start: start, count: size), as: UTF8.self)
    var calls = ""
    var number = 0
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let customer = words.first else { continue }
      for word in words.dropFirst() {
        let parts = word.split(separator: ",").compactMap { Int64($0) }
        guard parts.count == 3 else { continue }
        number += 1
        let time = firstDay + Duration(milliseconds: parts[0] * 86_400_000)
        let revenue = Value.number(Double(parts[2]) / 100).json
        calls += """
          {"type":"track","event":"Order Completed","messageId":"cdnow-\(number)",\
          "userId":"\(customer)","timestamp":"\(time)",\
          "properties":{"revenue":\(revenue),"quantity":\(parts[1])}}

          """
      }
    }
    return calls
  }
}
