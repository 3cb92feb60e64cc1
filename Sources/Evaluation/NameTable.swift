import Values

/// Small numbers for the names that stand in events again and again: event names, and the keys of
/// properties, traits and contexts.
public struct NameTable: Sendable {
  /// What no name has. A program that asks for a name that was never seen gets this one.
  public static let unknown: Int32 = -1

  private var numbers: [ExactString: Int32] = [:]
  private var texts: [ExactString] = []

  public init() {}

  /// The number of a name, given to it at its first use.
  public mutating func number(of name: String) -> Int32 {
    let name = ExactString(name)
    if let number = numbers[name] { return number }
    let number = Int32(texts.count)
    numbers[name] = number
    texts.append(name)
    return number
  }

  /// The number of a name that was seen before, or `unknown`.
  public func known(_ name: ExactString) -> Int32 { numbers[name] ?? Self.unknown }

  /// The name of a number.
  public func name(_ number: Int32) -> String { texts[Int(number)].text }

  public var count: Int { texts.count }
}
