import Foundation
import Values

extension Instant {
  /// The date of an HTTP field, `Sun, 06 Nov 1994 08:49:37 GMT`, rounded up to whole seconds.
  ///
  /// Source: RFC 9110, section 5.6.7.
  var httpDate: String {
    let seconds = (Double(milliseconds) / 1000).rounded(.up)
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(secondsFromGMT: 0)
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return format.string(from: Date(timeIntervalSince1970: seconds))
  }
}
