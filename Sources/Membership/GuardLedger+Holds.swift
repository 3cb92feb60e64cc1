import SQLite

/// What waits for somebody's approval.
extension GuardLedger {
  /// Holds these, and nothing else.
  public func hold(_ holds: [Hold]) throws {
    try connection.run(
      """
      UPDATE guards SET reason = NULL, held = 0, encoding_held = NULL, encoding_approved = NULL
      WHERE destination = ?
        AND coalesce(reason, encoding_held, encoding_approved) IS NOT NULL
      """, .init(destination))
    for hold in holds {
      if hold.reason == .encodingChanged {
        try connection.run(
          "UPDATE guards SET encoding_held = ? WHERE destination = ? AND definition = ?",
          .init(hold.changes), .init(destination), .init(hold.definition))
      } else {
        try connection.run(
          "UPDATE guards SET reason = ?, held = ? WHERE destination = ? AND definition = ?",
          .init(hold.reason.rawValue), .init(hold.changes), .init(destination),
          .init(hold.definition))
      }
    }
  }

  /// What is held, by key. A definition may be held, and wait for another encoding besides.
  public func holds() throws -> [Hold] {
    var reasons: [Int64: [(reason: HoldReason, changes: Int)]] = [:]
    try connection.prepare(
      """
      SELECT definition, reason, held, encoding_held FROM guards
      WHERE destination = ? AND (reason IS NOT NULL OR encoding_held IS NOT NULL)
      """
    ).forEach(.init(destination)) { row in
      if let name = row.optionalText(1) {
        guard let reason = HoldReason(rawValue: name) else { throw SQLiteError.damaged("guards") }
        reasons[row.int(0), default: []].append((reason, Int(row.int(2))))
      }
      if let values = row.optionalInt(3) {
        reasons[row.int(0), default: []].append((.encodingChanged, Int(values)))
      }
    }
    guard !reasons.isEmpty else { return [] }
    return try records().flatMap { record in
      (reasons[record.definition] ?? []).map { Hold(record, $0.reason, changes: $0.changes) }
    }
  }

  /// The definitions of which nothing is sent until it is approved. One whose encoding waits goes on in
  /// the form that it has.
  public func heldDefinitions() throws -> Set<Int64> {
    Set(
      try connection.prepare(
        "SELECT definition FROM guards WHERE destination = ? AND reason IS NOT NULL"
      ).all(.init(destination)) { $0.int(0) })
  }

  /// Lets what is held of a definition go out, up to the number that was shown.
  public func approve(_ hold: Hold) throws {
    if hold.reason == .encodingChanged {
      try connection.run(
        """
        UPDATE guards SET encoding_approved = encoding_held, encoding_held = NULL
        WHERE destination = ? AND definition = ? AND encoding_held IS NOT NULL
        """, .init(destination), .init(hold.definition))
    } else {
      try connection.run(
        """
        UPDATE guards SET approved = held, reason = NULL, held = 0
        WHERE destination = ? AND definition = ? AND reason IS NOT NULL
        """, .init(destination), .init(hold.definition))
    }
  }

  /// Corrects how many values wait to be sent again in another encoding, where they still wait: what was
  /// delivered meanwhile went out in the old one.
  public func renumber(_ hold: Hold) throws {
    try connection.run(
      """
      UPDATE guards SET encoding_held = ?
      WHERE destination = ? AND definition = ? AND encoding_held IS NOT NULL
      """, .init(hold.changes), .init(destination), .init(hold.definition))
  }

  /// Lets so many changes of a definition go out: what may go anyway, and what an approved encoding adds.
  public func cover(_ definition: Int64, changes: Int) throws {
    try connection.run(
      "UPDATE guards SET approved = ? WHERE destination = ? AND definition = ?", .init(changes),
      .init(destination), .init(definition))
  }
}
