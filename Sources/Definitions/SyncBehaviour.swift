/// What other tools let one choose for a sync, and Rollcall does not: the object decides.
///
/// Source: the destination pages of Hightouch, Census and Fivetran Activations.
enum SyncBehaviour {
  /// The settings that somebody may look for.
  private static let settings: Set<String> = [
    "mode", "sync_mode", "behavior", "behaviour", "sync_behavior", "sync_behaviour", "operation",
    "on_delete", "delete",
  ]

  /// What to say of a setting that is one of them; nil of others.
  static func help(for setting: String) -> String? {
    guard settings.contains(setting) else { return nil }
    return "users and accounts are updated or created, an event is inserted once; "
      + "mirror, update only and delete are not supported"
  }
}
