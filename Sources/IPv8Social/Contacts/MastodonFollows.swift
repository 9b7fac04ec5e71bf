/// What Mastodon exports of those whom one follows: CSV whose column `Account address` has
/// NAME@HOST.
enum MastodonFollows {
  static func addressColumn(_ header: [[UInt8]]) -> Int? {
    header.firstIndex { $0[...].trimmed.isWord("account address") }
  }

  static func read(_ bytes: [UInt8], into list: inout ContactList) {
    var reader = CSVReader(bytes)
    guard let header = reader.next(), header.refusal == nil,
      let column = addressColumn(header.fields)
    else { return list.refuse(1, .noColumn) }
    while let row = reader.next() {
      guard !list.isFull else { return list.refuse(row.line, .tooManyEntries) }
      do throws(ContactRefusal) {
        list.add(try entry(row, column))
      } catch {
        list.refuse(row.line, error)
      }
    }
  }

  private static func entry(
    _ row: CSVReader.Row, _ column: Int
  ) throws(ContactRefusal) -> ContactList.Entry {
    if let refusal = row.refusal { throw refusal }
    // Columns came with releases, and rows leave the last ones out.
    guard column < row.fields.count else {
      throw .fieldCount(expected: column + 1, found: row.fields.count)
    }
    guard let address = row.fields[column][...].trimmed.text else { throw .notUTF8 }
    guard let account = Account(.mastodon, address.drop { $0 == "@" }) else {
      throw .accountMalformed(ContactText.quoted(address))
    }
    return ContactList.Entry(
      line: row.line, name: ContactName.petname(account.name), subject: .account(account))
  }
}
