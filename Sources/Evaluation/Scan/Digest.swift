/// What some definitions ask of the histories of a run of identities, so that a full run reads that in
/// place of the histories.
///
/// Of each event only remains when it was, and the values that are reduced, in the series to which it belongs:
/// names, conditions and the beginnings of windows were looked at when the digest was made. Of custom traits
/// remains what was asked of them. It holds for the same definitions, for events that were there, and at no
/// instant before the one at which it was made.
///
/// The bytes are those of one chunk of profiles after the other, and eight zeros. Of a chunk, all numbers LEB128
/// varints where not said otherwise, and those in brackets `PackedNumbers`:
///
///     the number of profiles; [their identities]
///     how many of them need their history; [their places in the chunk]
///     the number of series of which there is something; for each:
///       its number; how many profiles have something, and how much there is in all
///       [the places of these profiles] [how much each has] [the times]
///       0 when there are no values;
///       1 and the packed values;
///       2 and [how many hundredths each is];
///       or 2 more than there are different ones; these, packed; [which of them each is]
public struct DigestBlock: Sendable {
  /// What stands before the values of a series; more than these, by how many different ones there are.
  enum Values {
    static let none = 0
    static let packed = 1
    static let hundredths = 2
  }

  /// The last identity of which the block says something.
  public let last: Int64
  public let bytes: [UInt8]
}

/// Goes through the chunks of a block.
public struct DigestCursor {
  var reader = ScanReader(at: 0)
}
