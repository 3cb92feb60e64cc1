/// What a model may call: functions whose result depends on their arguments alone.
///
/// Source: SQLite's lists of built-in functions. Random ones, those that tell about the connection or
/// the program, and those that load or read anything are left out; a date's `'now'` is refused when
/// it is asked for.
enum ModelFunctions {
  static let allowed: Set<String> = Set(
    [scalar, date, aggregate, window, mathematical, json].flatMap {
      $0.split(whereSeparator: \.isWhitespace).map(String.init)
    })

  /// Functions that give a table.
  static let tables: Set<String> = ["json_each", "json_tree"]

  /// The tables that the documented views read.
  static let behindViews: Set<String> = [
    "events", "names", "identities", "links", "definitions", "members", "settled_members",
    "recent_members", "latest_members",
  ]

  private static let scalar = """
    abs char coalesce concat concat_ws format glob hex ifnull iif if instr length like likelihood
    likely lower ltrim max min nullif octet_length printf quote replace round rtrim sign substr
    substring trim typeof unhex unicode unlikely upper
    """

  private static let date = "date time datetime julianday unixepoch strftime timediff"

  private static let aggregate = "avg count group_concat string_agg sum total"

  private static let window = """
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
    """

  private static let mathematical = """
    acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2
    mod pi pow power radians sin sinh sqrt tan tanh trunc
    """

  private static let json = """
    json json_array json_array_length json_extract json_group_array json_group_object json_insert
    json_object json_patch json_quote json_remove json_replace json_set json_type json_valid -> ->>
    """
}
