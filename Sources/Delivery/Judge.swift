import Definitions
import Membership
import SQLite
import Values

extension Outbox {
  /// Decides what is to be sent of a row: the one place where the snapshot is held against what was
  /// acknowledged, is in doubt, or was refused.
  struct Judge {
    private let outbox: Outbox
    private let encoders: Encoders
    private let quarantined: Statement
    /// Whether anything was refused at all.
    private let hasQuarantine: Bool

    init(_ outbox: Outbox) throws {
      try self.init(
        outbox, Encoders(outbox.connection, outbox.destination, outbox.definition))
    }

    init(_ outbox: Outbox, _ encoders: Encoders) throws {
      self.outbox = outbox
      self.encoders = encoders
      let connection = outbox.connection
      quarantined = try connection.prepare(OutboxQuery.quarantined)
      hasQuarantine =
        try connection.prepare("SELECT 1 FROM quarantine WHERE destination = ? LIMIT 1")
        .first(.init(outbox.destination)) { _ in true } ?? false
    }

    /// Adds what one definition owes to an object.
    func add(_ row: OwedRow, _ lane: Place.Lane, to owed: inout Owed) throws {
      guard row.isActive else {
        owed.isFinished = false
        return
      }
      var properties = try difference(row, lane)
      guard let identity = row.identity, !row.isShared else {
        owed.isFinished = false
        owed.isShared = owed.isShared || row.isShared
        owed.isHeld = owed.isHeld || !properties.isEmpty
        return
      }
      let profile = lane == .formerIdentities ? 0 : row.object
      let problem = PropertyEncoder.problem(withIdentity: identity)
      var isQuarantined = false
      properties = try properties.compactMap { property in
        var property = property
        property.problem = problem ?? property.problem
        guard let refused = try refused(property, identity, lane.kind) else { return property }
        property.wasRefused = true
        guard refused == property.value.json,
          !outbox.retriesQuarantined || property.problem != nil
        else { return property }
        isQuarantined = true
        return nil
      }
      if properties.isEmpty {
        owed.settled.append(
          Settled(
            profile: profile, definition: row.definition, identity: identity,
            isQuarantined: isQuarantined))
        return
      }
      owed.isFinished = false
      for property in properties {
        let part = part(of: property)
        var item =
          owed[keyPath: part]
          ?? Item(kind: lane.kind, profile: profile, identity: identity, properties: [])
        let place = item.properties.firstIndex { property.key.precedesByScalars($0.key) }
        item.properties.insert(property, at: place ?? item.properties.count)
        owed[keyPath: part] = item
      }
    }

    private func part(of property: Property) -> WritableKeyPath<Owed, Item?> {
      if property.problem != nil { return \.impossible }
      return property.wasRefused && !outbox.retriesQuarantined ? \.suspect : \.item
    }

    private func refused(
      _ property: Property, _ identity: String, _ kind: ObjectKind
    ) throws -> String? {
      guard hasQuarantine else { return nil }
      return try quarantined.first(
        .init(outbox.destination), .init(kind.rawValue), .init(identity),
        .init(property.definition), .init(property.key)
      ) { $0.text(0) }
    }

    /// The properties whose values are not what the destination is known to have.
    func difference(_ row: OwedRow, _ lane: Place.Lane) throws -> [Property] {
      if row.definition == ObjectKind.accountProperty { return try accountProperty(row, lane) }
      let stored = try stored(row, lane)
      let isDefault = stored == nil || stored == row.defaultValue
      if row.told.isEmpty, isDefault { return [] }
      let held = try stored.map(MembershipSnapshot.value) ?? .absent
      let encoder = encoders[row.definition]
      let wanted = encoder.properties(of: held, key: row.key)
      var properties = wanted.map { Self.property($0, row) }
      for told in row.told where !wanted.contains(where: { $0.name.isExactly(told.property) }) {
        let kind = told.property.isExactly(row.key) ? row.kind : .trait
        guard let value = encoder.absentValue(kind) else { continue }
        properties.append(
          Property(
            definition: row.definition, key: told.property, value: value,
            wasInDoubt: told.isInDoubt))
      }
      return properties.filter { !Self.isKnown($0, row) }
    }

    private static func property(_ encoded: PropertyEncoder.Property, _ row: OwedRow) -> Property {
      let told = row.told.first { $0.property.isExactly(encoded.name) }
      return Property(
        definition: row.definition, key: encoded.name, value: encoded.value,
        wasInDoubt: told?.isInDoubt ?? false, isShortened: encoded.isShortened,
        problem: encoded.problem)
    }

    /// Whether the destination is known to have the value.
    private static func isKnown(_ property: Property, _ row: OwedRow) -> Bool {
      row.told.contains {
        $0.property.isExactly(property.key) && !$0.isInDoubt && $0.value == property.value.json
      }
    }

    /// What the object has of a definition, as JSON: a user may have it through accounts.
    private func stored(_ row: OwedRow, _ lane: Place.Lane) throws -> String? {
      guard lane != .formerIdentities, row.isReceived(by: lane.kind) else { return nil }
      guard row.subject == .accounts, lane.kind == .user else { return row.stored }
      let query =
        row.kind == .audience ? OutboxQuery.anyAccount : OutboxQuery.latestAccount
      return try outbox.connection.prepare(query)
        .first(.init(row.object), .init(row.definition)) { $0.text(0) }
    }

    /// The property that holds the user's latest account. What stands under a name that it had before
    /// stays.
    private func accountProperty(_ row: OwedRow, _ lane: Place.Lane) throws -> [Property] {
      guard let name = outbox.definition.accountProperty else { return [] }
      let told = row.told.first { $0.property.isExactly(name) }
      let id =
        lane == .formerIdentities
        ? nil
        : try outbox.connection.prepare(OutboxQuery.latestAccountID)
          .first(.init(row.object)) { $0.text(0) }
      guard let value = id.map(Value.string) ?? encoders.wanted.absentValue(.trait),
        id != nil || told != nil
      else { return [] }
      let property = Property(
        definition: row.definition, key: name, value: value, wasInDoubt: told?.isInDoubt ?? false,
        problem: id.flatMap(PropertyEncoder.problem(withIdentity:)))
      return Self.isKnown(property, row) ? [] : [property]
    }
  }
}
