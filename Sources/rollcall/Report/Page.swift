/// The frame of a page: one file, no script, nothing from elsewhere.
struct Page {
  let title: String
  let body: Markup

  /// What a file begins with that this made. A file that begins otherwise is somebody else's.
  static let mark = "<!DOCTYPE html>\n<!-- a report of rollcall -->\n"

  var html: String {
    let page: Markup = """
      <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <meta name="referrer" content="no-referrer"/>
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
      <title>\(title)</title>
      <style>
      \(PageStyle.sheet)
      </style>
      </head>
      <body>
      \(body)
      </body>
      </html>

      """
    return Self.mark + page.html
  }
}
