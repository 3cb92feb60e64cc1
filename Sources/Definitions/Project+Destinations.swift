extension Project {
  /// What definitions and destinations ask of each other.
  mutating func checkDestinations() {
    let isSent =
      definitions.contains {
        $0.isEnabled && $0.subject == .accounts && $0.recipients != .users
      } || models.contains { $0.isEnabled && $0.object == .account }
    for destination in destinations {
      if isSent, destination.accountProperty == nil, case .heap = destination.target {
        add(
          destination.diagnostic(
            .missingSetting, "accounts are sent, and Heap cannot tell whose they are",
            label: "there is no 'account_property:'",
            help:
              "add 'account_property: NAME', the user property that is the Account ID in Heap's "
              + "settings"))
      }
      refuseClashes(of: destination)
    }
  }

  private mutating func refuseClashes(of destination: DestinationDefinition) {
    if let name = destination.accountProperty {
      for definition in definitions
      where definition.recipients != .accounts
        && (definition.key == name || name.hasPrefix(definition.key + "."))
      {
        add(
          destination.diagnostic(
            .duplicateKey, "'account_property' is '\(name)', and so may be a definition's property",
            label: "sends both", help: "give \(definition.source.path) another 'key:'"))
      }
    }
    guard case .trait(let name) = destination.identity else { return }
    let first = name.split(separator: ".").first.map(String.init) ?? name
    for definition in definitions where definition.key == name || definition.key == first {
      add(
        destination.diagnostic(
          .badSetting, "'identity' must be a custom trait, and '\(first)' is a definition",
          label: "has such an identity",
          help: "give \(definition.source.path) another 'key:', or name another trait"))
    }
  }

  /// A warning for each destination that accounts are sent to, where no user has an account.
  ///
  /// - Parameter hasUsers: whether some user on file belongs to an account.
  public func accountTraps(hasUsers: Bool) -> [Diagnostic] {
    guard !hasUsers, definitions.contains(where: { $0.isEnabled && $0.subject == .accounts })
    else { return [] }
    return destinations.filter { $0.accountProperty != nil }.map { destination in
      destination.diagnostic(
        .accountsWithoutUsers, "no user has an account",
        label: "is told of accounts that show at no user",
        help: "an account is a user's by a 'group' call with the user's id and the account's",
        severity: .warning)
    }
  }
}

extension DestinationDefinition {
  fileprivate func diagnostic(
    _ id: Diagnostic.ID, _ message: String, label: String, help: String,
    severity: Diagnostic.Severity = .error
  ) -> Diagnostic {
    guard let source else {
      return Diagnostic(id, message, help: help, path: path, severity: severity)
    }
    return Diagnostic(
      id, message, label: label, help: help, at: typeRange, in: source, severity: severity)
  }
}
