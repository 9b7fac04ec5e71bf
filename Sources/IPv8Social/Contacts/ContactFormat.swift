/// The kinds of files that lists of people come in.
public enum ContactFormat: String, CaseIterable, Sendable {
  /// RFC 6350 (4.0) and RFC 2426 (3.0).
  case vCard = "vcard"
  /// RFC 4180, with a header row.
  case csv
  /// The JSON of GitHub's lists of followers and followed.
  case gitHub = "github"
  /// The CSV that Mastodon exports of those followed.
  case mastodon

  /// What a file with these bytes is by its beginning; nil where nothing says so.
  public init?(guessing bytes: [UInt8]) {
    var lines = TextLines(bytes, limit: ContactList.valueLimit)
    while let line = lines.next() {
      let text = line.bytes.trimmed
      if text.isEmpty { continue }
      if text.first == UInt8(ascii: "[") {
        self = .gitHub
      } else if text.isWord("begin:vcard") {
        self = .vCard
      } else {
        var reader = CSVReader(Array(line.bytes))
        guard let header = reader.next()?.fields else { return nil }
        if MastodonFollows.addressColumn(header) != nil {
          self = .mastodon
        } else if CSVContacts.Columns(header) != nil {
          self = .csv
        } else {
          return nil
        }
      }
      return
    }
    return nil
  }
}
