import Foundation

/// The upper end of an axis that begins at zero: a round number.
struct Scale {
  /// 1, 2, 3, 4, 5, 6 or 8 times a power of ten, so that its half is round, too.
  let top: Int

  /// - Parameter largest: what the axis has to hold.
  init(holding largest: Int) {
    let largest = max(2, largest)
    var power = 1
    while power <= largest / 10 { power *= 10 }
    let factors = power == 1 ? [2, 4, 6, 8, 10] : [1, 2, 3, 4, 5, 6, 8, 10]
    top = factors.map { $0 * power }.first { $0 >= largest } ?? largest
  }

  /// A number as a part of the axis.
  func place(_ number: Int) -> Double { Double(number) / Double(top) }
}
