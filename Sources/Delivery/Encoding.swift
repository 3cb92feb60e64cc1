import Definitions

/// In which form the values of a definition are sent to a destination.
///
/// Each definition has one form at a destination: that of what it was told. A file that asks for
/// another one changes nothing that was acknowledged until that is approved (`EncodingChange`), so
/// that no property holds values of two forms.
public struct Encoding: Sendable, Equatable {
  /// How values are written apart from what the destination's file says.
  public enum Form: Int, Sendable {
    /// Objects as JSON text and dates as they came: what versions before 3 of the store sent.
    case plain = 1
    /// Objects as several properties, and dates as instants with milliseconds.
    case flat = 2
  }

  public var booleans: DestinationDefinition.Booleans
  public var absent: DestinationDefinition.Absent
  public var form: Form

  public init(
    booleans: DestinationDefinition.Booleans, absent: DestinationDefinition.Absent,
    form: Form = .flat
  ) {
    self.booleans = booleans
    self.absent = absent
    self.form = form
  }

  /// What a destination's file asks for.
  public init(_ destination: DestinationDefinition) {
    self.init(booleans: destination.booleans, absent: destination.absent)
  }

  /// As the store keeps it: `string empty 2`.
  public var text: String { "\(booleans.rawValue) \(absent.rawValue) \(form.rawValue)" }

  /// What the store keeps; nil when it is none.
  public init?(text: String) {
    let words = text.split(separator: " ")
    guard words.count == 3, let booleans = DestinationDefinition.Booleans(rawValue: "\(words[0])"),
      let absent = DestinationDefinition.Absent(rawValue: "\(words[1])"),
      let form = Int(words[2]).flatMap(Form.init)
    else { return nil }
    self.init(booleans: booleans, absent: absent, form: form)
  }
}
