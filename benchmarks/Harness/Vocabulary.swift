/// The words that the calls are made of.
enum Vocabulary {
  /// By frequency: the first is drawn most often. The first is a `page` call.
  static let events = [
    "Page Viewed", "Product Viewed", "Product Added", "Order Completed", "Signed In",
    "Search Performed", "Video Watched", "Article Read", "Newsletter Opened",
    "Support Requested", "Cart Viewed", "Checkout Started", "Coupon Applied",
    "Product Removed", "Wishlist Added", "Review Read", "Filter Applied", "Link Clicked",
    "Form Submitted", "Profile Updated", "Password Reset", "Payment Entered",
    "Order Refunded", "Order Shipped", "Newsletter Clicked", "Push Opened", "Push Received",
    "Banner Seen", "Banner Clicked", "Survey Answered", "Trial Started", "Plan Changed",
    "Invoice Paid", "Invoice Failed", "Team Created", "Member Invited", "Invite Accepted",
    "File Uploaded", "File Shared", "Comment Written", "Report Exported", "Dashboard Opened",
    "Alert Created", "Webinar Joined", "Store Visited", "Gift Card Bought", "Points Redeemed",
    "Friend Referred", "App Installed", "App Removed",
  ]
  static let categories = [
    "Shoes", "Bags", "Shirts", "Trousers", "Jackets", "Hats", "Socks", "Books", "Music", "Games",
    "Garden", "Kitchen", "Toys", "Sport", "Beauty", "Health", "Pets", "Office", "Travel", "Art",
  ]
  static let campaigns = ["spring", "sale", "brand", "retarget", "partner", "launch"]
  static let plans = ["free", "free", "free", "team", "pro"]
  static let countries = [
    "US", "US", "US", "GB", "DE", "FR", "CA", "AU", "IN", "BR", "ES", "IT", "NL", "SE", "PL",
    "AT", "CH", "JP", "MX", "DK",
  ]
  static let products = 20_000
}
