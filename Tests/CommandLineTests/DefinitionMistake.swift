import Testing

/// A folder of definitions with one mistake in it, and what is said of it, to the letter.
struct DefinitionMistake: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// The files of the folder; nil when there is no folder.
  let files: [String: [UInt8]]?
  let rendered: String

  /// A mistake in one or more files whose front matter ends in line 3.
  init(_ name: String, _ files: [String: String]?, _ rendered: String) {
    testDescription = name
    self.files = files?.mapValues { Array($0.utf8) }
    self.rendered = rendered
  }

  init(_ name: String, bytes: [UInt8], in file: String, _ rendered: String) {
    testDescription = name
    files = [file: bytes]
    self.rendered = rendered
  }

  static let all =
    queries + keys + [
      DefinitionMistake(
        "a file that is not UTF-8", bytes: Array("---\nname: caf".utf8) + [0xE9, 0x0A],
        in: "a.trait",
        """
        error[not-utf8]: the file is not UTF-8
          --> audiences/a.trait:2:10
         2 | name: caf\u{FFFD}
           |          ^ the first byte that is not
           = help: save the file as UTF-8

        """),
      DefinitionMistake(
        "an empty file", ["a.trait": ""],
        """
        error[empty-file]: the file is empty
          --> audiences/a.trait:1:1
         1 |\(" ")
           | ^
           = help: write '---', 'name: …' and '---', or remove the file

        """),
      DefinitionMistake(
        "a missing folder", nil,
        """
        error[missing-folder]: the definitions folder 'audiences' cannot be read
          --> audiences
           = help: name the folder with --audiences DIR

        """),
      DefinitionMistake(
        "an empty folder", [:],
        """
        error[no-definitions]: the folder 'audiences' holds no definition
          --> audiences
           = help: add a file that ends in .audience, .trait or .sql

        """),
      DefinitionMistake(
        "a folder with nothing but a destination", ["heap.destination": "---\ntype: heap\n---\n"],
        """
        error[no-definitions]: the folder 'audiences' holds no definition
          --> audiences
           = help: add a file that ends in .audience, .trait or .sql

        """),
    ]

  private static let queries = [
    DefinitionMistake(
      "an unknown function",
      ["big.audience": file("event('Order Completed').withn(30 days).count() >= 1")],
      """
      error[unknown-function]: there is no function 'withn'
        --> audiences/big.audience:4:26
       4 | event('Order Completed').withn(30 days).count() >= 1
         |                          ^^^^^ not a filter or a reducer of an event stream
         = help: did you mean 'within'?

      """),
    DefinitionMistake(
      "a missing parenthesis",
      ["big.audience": file("event('Order Completed').within(30 days.count() >= 1")],
      """
      error[missing-parenthesis]: a ')' is missing after the arguments of 'within'
        --> audiences/big.audience:4:40
       4 | event('Order Completed').within(30 days.count() >= 1
         |                                        ^ expected ')' here
         = help: close the parenthesis

      """),
    DefinitionMistake(
      "a group that is not closed",
      ["big.audience": file("(event('A').count() >= 1 AND event('B').count() = 0")],
      """
      error[missing-parenthesis]: a ')' is missing
        --> audiences/big.audience:4:52
       4 | (event('A').count() >= 1 AND event('B').count() = 0
         |                                                    ^ expected ')' here
         = help: the '(' at 4:1 is not closed

      """),
    DefinitionMistake(
      "a boolean where a scalar is needed",
      ["big.audience": file("event('A').count() >= (event('B').count() > 1)")],
      """
      error[scalar-expected]: a scalar (a number, text, a list) is needed here, and this is a \
      condition (boolean)
        --> audiences/big.audience:4:23
       4 | event('A').count() >= (event('B').count() > 1)
         |                       ^^^^^^^^^^^^^^^^^^^^^^^^ parentheses hold a condition
         = help: a scalar is not put in parentheses

      """),
    DefinitionMistake(
      "a trait that compares", ["big.trait": file("event('A').count() >= 1")],
      """
      error[scalar-expected]: a computed trait must be a scalar (a number, text, a list), and \
      this is a condition (boolean)
        --> audiences/big.trait:4:20
       4 | event('A').count() >= 1
         |                    ^^ the condition begins here
         = help: remove the comparison, or name the file .audience

      """),
    DefinitionMistake(
      "a cycle of three",
      [
        "a.audience": file("trait('b') = true", name: "A"),
        "b.audience": file("trait('c') = true", name: "B"),
        "c.audience": file("trait('a') = true", name: "C"),
      ],
      """
      error[cycle]: definitions refer to one another: a → b → c → a
        --> audiences/c.audience:4:1
       4 | trait('a') = true
         | ^^^^^^^^^^ this closes the circle
         = help: remove one of the references

      """),
  ]

  private static let keys = [
    DefinitionMistake(
      "an unknown key of the front matter",
      ["big.trait": "---\nname: Big\ndescripton: x\n---\nevent('A').count()\n"],
      """
      error[unknown-setting]: there is no setting 'descripton'
        --> audiences/big.trait:3:1
       3 | descripton: x
         | ^^^^^^^^^^ not a key of the front matter
         = help: did you mean 'description'?

      """),
    DefinitionMistake(
      "two files with one key",
      [
        "a.trait": "---\nname: Order Count\n---\nevent('A').count()\n",
        "b.trait": "---\nname: Another\nkey: order_count\n---\nevent('A').count()\n",
      ],
      """
      error[duplicate-key]: two definitions have the key 'order_count'
        --> audiences/b.trait:3:6
       3 | key: order_count
         |      ^^^^^^^^^^^ this makes 'order_count'
         = help: audiences/a.trait has it too: give one of them another 'key:'

      """),
    DefinitionMistake(
      "the same key with another case of the name",
      [
        "a.trait": file("event('A').count()", name: "Order Count"),
        "b.audience": file("event('A').count() >= 1", name: "ORDER count"),
      ],
      """
      error[duplicate-key]: two definitions have the key 'order_count'
        --> audiences/b.audience:2:7
       2 | name: ORDER count
         |       ^^^^^^^^^^^ this makes 'order_count'
         = help: audiences/a.trait has it too: give one of them another 'key:'

      """),
    DefinitionMistake(
      "a key that differs by case alone",
      [
        "a.trait": "---\nname: A\nkey: orders\n---\nevent('A').count()\n",
        "b.trait": "---\nname: B\nkey: Orders\n---\nevent('A').count()\n",
      ],
      """
      error[duplicate-key]: two definitions have the key 'orders'
        --> audiences/b.trait:3:6
       3 | key: Orders
         |      ^^^^^^ this makes 'Orders'
         = help: audiences/a.trait has it too: give one of them another 'key:'

      """),
    DefinitionMistake(
      "an app id that is not a number",
      [
        "a.trait": file("event('A').count()", name: "A"),
        "heap.destination": "---\ntype: heap\napp_id: eleven\n---\n",
      ],
      """
      error[bad-setting]: 'app_id' must be Heap's environment id: digits only
        --> audiences/heap.destination:3:9
       3 | app_id: eleven
         |         ^^^^^^ not allowed here

      """),
  ]

  private static func file(_ query: String, name: String = "Big") -> String {
    "---\nname: \(name)\n---\n\(query)\n"
  }
}
