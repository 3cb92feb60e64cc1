import Synchronization
import Values

/// Small numbers for the names that stand in events again and again: event names, and the keys of
/// properties, traits and contexts.
///
/// Histories and programs that were made with one table belong together. It may grow while they are
/// in use: numbers never change.
public final class NameTable: Sendable {
  private struct Contents {
    var numbers: [ExactString: Int32] = [:]
    var texts: [ExactString] = []
  }

  private let contents = Mutex(Contents())

  public init() {}

  /// A table in which these names have their places as numbers.
  public init(_ names: [String]) {
    contents.withLock { contents in
      contents.texts = names.map { ExactString($0) }
      contents.numbers = Dictionary(
        uniqueKeysWithValues: contents.texts.enumerated().map { ($1, Int32($0)) })
    }
  }

  /// The number of a name, given to it at its first use.
  public func number(of name: ExactString) -> Int32 {
    contents.withLock { contents in
      if let number = contents.numbers[name] { return number }
      let number = Int32(contents.texts.count)
      contents.numbers[name] = number
      contents.texts.append(name)
      return number
    }
  }

  /// The number of a name.
  public func number(of name: String) -> Int32 { number(of: ExactString(name)) }

  /// The name of a number that this table gave.
  public func name(_ number: Int32) -> String { contents.withLock { $0.texts[Int(number)].text } }

  /// How many names have a number.
  public var count: Int { contents.withLock { $0.texts.count } }
}
