import IPv8Wire

enum LANFuzz {
  static func announcement(_ bytes: [UInt8]) {
    guard let announcement = LANAnnouncement(bytes.rawSpan) else { return }
    precondition(announcement.bytes == bytes, "an announcement has one form")
  }
}
