/// An event as a query sees it.
struct OracleEvent {
  var name: String
  var timestamp: Int64
  var properties: OracleValue
  var context: OracleValue
  var writeKey: String?
}

/// One subject at one instant, and the values of the definitions that are referred to.
struct OracleScene {
  let now: Int64
  /// The events at or before `now`, in the order (timestamp, arrival).
  let events: [OracleEvent]
  /// The custom traits at `now`.
  let traits: OracleValue
  /// The values of referred definitions by key.
  let references: [ExactText: [OracleValue]]
  /// The users of an account, each seen on its own.
  let members: [OracleScene]
}

extension OracleWorld {
  /// The value of a definition, from nothing but the calls.
  func value(
    of definition: OracleDefinition, for subject: OracleSubject, at now: Int64
  ) -> OracleValue {
    if case .anonymous = subject, !definition.includeAnonymous {
      return definition.isAudience ? .boolean(false) : .absent
    }
    let mentions = OracleMentions(in: definition.body)
    var members: [OracleScene] = []
    if case .account(let id) = subject {
      members = users(ofAccount: id, at: now).map {
        self.scene(of: $0, at: now, referring: mentions.memberFields, members: [])
      }
    }
    let scene = self.scene(of: subject, at: now, referring: mentions.fields, members: members)
    switch definition.body {
    case .audience(let condition):
      return .boolean(scene.holds(condition, inside: []))
    case .trait(let scalar):
      let values = scene.values(of: scalar, inside: [])
      if case .field(let field) = scalar, field.fansOut, !values.isEmpty { return .array(values) }
      return values.first ?? .absent
    }
  }

  private func scene(
    of subject: OracleSubject, at now: Int64, referring fields: [OracleField],
    members: [OracleScene]
  ) -> OracleScene {
    var references: [ExactText: [OracleValue]] = [:]
    for name in fields.compactMap(\.referableName) {
      guard let definition = definition(name) else { continue }
      references[ExactText(name)] = referred(definition, by: subject, at: now)
    }
    return OracleScene(
      now: now, events: events(of: subject, at: now), traits: traits(of: subject, at: now),
      references: references, members: members)
  }

  /// The values of a definition that another one refers to.
  ///
  /// For a user, an account audience is true when one of the user's accounts has it, and an account
  /// trait has the values of all of them.
  private func referred(
    _ definition: OracleDefinition, by subject: OracleSubject, at now: Int64
  ) -> [OracleValue] {
    if case .account = subject {
      precondition(definition.subjects == .accounts, "an account cannot refer to a user's value")
    } else if definition.subjects == .accounts {
      let values = accounts(ofUser: subject, at: now)
        .map { value(of: definition, for: $0, at: now) }
      if definition.isAudience { return [.boolean(values.contains(true))] }
      return values.filter(\.isPresent)
    }
    return [value(of: definition, for: subject, at: now)].filter(\.isPresent)
  }

  /// The events of a profile, or of all users of an account.
  private func events(of subject: OracleSubject, at now: Int64) -> [OracleEvent] {
    var profiles = [subject]
    if case .account(let id) = subject { profiles = users(ofAccount: id, at: now) }
    return entries.compactMap { entry in
      guard let name = entry.call.eventName, entry.call.timestamp <= now,
        let profile = entry.profile, profiles.contains(profile)
      else { return nil }
      return OracleEvent(
        name: name, timestamp: entry.call.timestamp, properties: entry.call.eventProperties,
        context: entry.call.context, writeKey: entry.call.writeKey)
    }
  }

  /// The custom traits: of a profile from `identify`, of an account from `group`, the latest of
  /// each key; a `null` takes the key away.
  private func traits(of subject: OracleSubject, at now: Int64) -> OracleValue {
    var traits = OracleValue.object([])
    for entry in entries where entry.call.timestamp <= now {
      if case .account(let id) = subject {
        guard entry.call.kind == .group, let group = entry.call.groupId, group.isExactly(id)
        else { continue }
      } else {
        guard entry.call.kind == .identify, entry.profile == subject else { continue }
      }
      guard case .object(let members) = entry.call.traits else { continue }
      for member in members { traits = traits.setting(member.key, to: member.value) }
    }
    return traits
  }
}
