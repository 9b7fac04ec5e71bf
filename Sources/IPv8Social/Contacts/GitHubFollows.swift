/// GitHub's lists of followers or of followed: arrays of objects of which each has `login`. Several
/// arrays may follow each other, as pages do.
enum GitHubFollows {
  static func read(_ bytes: [UInt8], into list: inout ContactList) {
    var reader = JSONReader(bytes)
    do throws(ContactRefusal) {
      repeat { try array(&reader, &list) } while !reader.isAtEnd
    } catch {
      list.refuse(reader.line, error)
    }
  }

  private static func array(
    _ reader: inout JSONReader, _ list: inout ContactList
  ) throws(ContactRefusal) {
    guard reader.skip("[") else { throw .malformed("array") }
    if reader.skip("]") { return }
    repeat {
      guard !list.isFull else { throw .tooManyEntries }
      try person(&reader, &list)
    } while reader.skip(",")
    guard reader.skip("]") else { throw .malformed("array") }
  }

  private static func person(
    _ reader: inout JSONReader, _ list: inout ContactList
  ) throws(ContactRefusal) {
    guard reader.skip("{") else { throw .malformed("object") }
    let line = reader.line
    var login: String?
    if !reader.skip("}") {
      repeat {
        let key = try reader.string()
        guard reader.skip(":") else { throw .malformed("object") }
        if key == "login", login == nil, reader.isAtString {
          login = try reader.string()
        } else {
          try reader.skipValue()
        }
      } while reader.skip(",")
      guard reader.skip("}") else { throw .malformed("object") }
    }
    guard let login else { return list.refuse(line, .noPermID) }
    guard let account = Account(.gitHub, login) else {
      return list.refuse(line, .accountMalformed(ContactText.quoted(login)))
    }
    list.add(
      ContactList.Entry(
        line: line, name: ContactName.petname(account.name), subject: .account(account)))
  }
}
