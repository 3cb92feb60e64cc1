/// How the process ends. The numbers are a contract with whoever calls it.
enum ExitCode: Int32 {
  case done = 0
  /// The definitions or the data are wrong.
  case wrong = 1
  case usage = 2
  /// Something is held or could not be delivered.
  case undelivered = 3
  /// The store is busy, damaged, or cannot be used.
  case store = 4
}
