import SQLite

/// The members of every audience of a store, a file each, from one walk over its snapshot.
///
/// `rollcall export` does the same for one audience, and goes through the snapshot each time.
enum MemberFiles {
  /// Writes `KEY.csv` for each audience into a folder: a header, and a user id a line.
  static func write(_ store: String, to folder: String) throws {
    let connection = try Connection(path: store, mode: .readOnly)
    var files: [Int64: LineBuffer] = [:]
    let keys = try connection.prepare("SELECT id, key FROM definitions WHERE NOT is_removed").all {
      ($0.int(0), $0.text(1))
    }
    for (id, key) in keys {
      var file = try LineBuffer(creating: "\(folder)/\(key).csv")
      file.add("user_id")
      try file.endLine()
      files[id] = file
    }
    let members = try connection.prepare(
      """
      SELECT m.definition, i.external_id
      FROM members AS m JOIN identities AS i ON i.id = m.profile WHERE i.kind = 0
      """)
    while try members.step() {
      files[members.int(0)]?.add(Array(members.text(1).utf8))
      try files[members.int(0)]?.endLine()
    }
    for id in files.keys { try files[id]?.close() }
  }
}
