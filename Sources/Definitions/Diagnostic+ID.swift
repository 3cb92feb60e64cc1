extension Diagnostic {
  /// The stable name of a kind of diagnostic. Machine output and the documentation use it; a name
  /// once given is not changed.
  public enum ID: String, Sendable, CaseIterable {
    // Files and folders
    case missingFolder = "missing-folder"
    case noDefinitions = "no-definitions"
    case unreadableFile = "unreadable-file"
    case notUTF8 = "not-utf8"
    case emptyFile = "empty-file"
    case unknownFile = "unknown-file"
    case tooLarge = "too-large"

    // Front matter
    case missingFrontMatter = "missing-front-matter"
    case unclosedFrontMatter = "unclosed-front-matter"
    case badFrontMatter = "bad-front-matter"
    case unknownSetting = "unknown-setting"
    case duplicateSetting = "duplicate-setting"
    case missingSetting = "missing-setting"
    case badSetting = "bad-setting"
    case badKey = "bad-key"
    case duplicateKey = "duplicate-key"
    case duplicateDestination = "duplicate-destination"

    // Words of the query
    case unknownCharacter = "unknown-character"
    case unclosedString = "unclosed-string"
    case badNumber = "bad-number"
    case badDate = "bad-date"
    case badDuration = "bad-duration"

    // Sentences of the query
    case missingQuery = "missing-query"
    case syntax = "syntax"
    case missingParenthesis = "missing-parenthesis"
    case unknownFunction = "unknown-function"
    case scalarExpected = "scalar-expected"
    case conditionExpected = "condition-expected"
    case missingReducer = "missing-reducer"
    case tooDeep = "too-deep"

    // Meaning
    case fieldOutsideEvent = "field-outside-event"
    case parentOutsideNested = "parent-outside-nested"
    case accountsOnly = "accounts-only"
    case wrongSubject = "wrong-subject"
    case notSupported = "not-supported"
    case disabledReference = "disabled-reference"
    case cycle = "cycle"

    // Warnings
    case notExactly = "not-exactly"
    case falseMissesAbsent = "false-misses-absent"
    case unequalMissesAbsent = "unequal-misses-absent"
    case textAgainstNumber = "text-against-number"
    case alwaysTrue = "always-true"
    case neverTrue = "never-true"
    case constantCondition = "constant-condition"
    case notPortable = "not-portable"

    // Warnings that need the store
    case unseenEvent = "unseen-event"
    case unseenProperty = "unseen-property"
    case unseenContext = "unseen-context"
    case unseenTrait = "unseen-trait"
    case longWindow = "long-window"
    case accountsWithoutUsers = "accounts-without-users"

    // Models
    case badSQL = "bad-sql"
    case notAllowed = "not-allowed"
    case missingColumn = "missing-column"

    // Examples
    case badOutcome = "bad-outcome"
    case badTime = "bad-time"
    case duplicateProperty = "duplicate-property"
    case computedTrait = "computed-trait"
  }
}
