/// A value on its way into a statement or out of a column.
public enum Datum: Sendable, Equatable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
  ExpressibleByNilLiteral
{
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(stringLiteral value: String) { self = .text(value) }
  public init(nilLiteral: ()) { self = .null }

  public init(_ value: Int64) { self = .integer(value) }
  public init(_ value: Int) { self = .integer(Int64(value)) }
  public init(_ value: Bool) { self = .integer(value ? 1 : 0) }
  public init(_ value: Int64?) { self = value.map(Datum.integer) ?? .null }
  public init(_ value: String) { self = .text(value) }
  public init(_ value: String?) { self = value.map(Datum.text) ?? .null }
}
