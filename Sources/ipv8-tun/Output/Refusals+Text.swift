import IPv8Social

extension ContactRefusal {
  /// Why, for a person.
  var text: String {
    switch self {
    case .fileTooLong: "longer than 16 MiB"
    case .tooManyEntries: "more than 100,000 entries; the rest was not read"
    case .tooLong: "longer than 4,096 bytes"
    case .notUTF8: "not UTF-8"
    case .malformed(let what): "malformed: \(what)"
    case .version(""): "a vCard without a version"
    case .version(let version): "vCard \(version); only 3.0 and 4.0 are read"
    case .quotedPrintable: "quoted-printable, which vCards of 3.0 and 4.0 do not have"
    case .noColumn: "no header row with a column permid, ipv8, account or Account address"
    case .fieldCount(let expected, let found): "\(found) fields instead of \(expected)"
    case .noPermID: "without a PermID"
    case .severalPermIDs: "with several PermIDs"
    case .permIDMalformed(let text): "PermID \(text): no valid key"
    case .accountMalformed(let text): "account \(text): malformed"
    case .strengthMalformed(let text): "strength \(text): must be 0 to 1"
    case .duplicate(let line): "the peer of line \(line)"
    case .isSelf: "this machine itself"
    case .noProof(let account): "account \(account): no proof of who it is"
    }
  }
}

extension ProofRefusal {
  var text: String {
    switch self {
    case .fileTooLong: "longer than 16 MiB"
    case .tooMany: "too many; what is over the limit does not count"
    case .tooLong: "too long"
    case .malformed(let what): "malformed or missing: \(what)"
    case .unsupported(let what): "not verified here: \(what)"
    case .noStatement: "not a statement as 'ipv8-tun friends prove' prints it"
    case .fromFuture: "from the future; is the clock right?"
    case .namespace(let name): "signed for '\(name)'; it must be 'ipv8-tun'"
    case .keyUnknown(let account): "account \(account): no such key in the files of keys"
    case .keyIsAnother(let account): "account \(account): signed by another key"
    case .forged: "the signature is not over this statement"
    case .expired: "the key or the signature has expired, or may not sign"
    case .revoked: "the key is revoked"
    case .contradiction(let account): "account \(account): says two things at one time"
    case .superseded(let account): "account \(account): has a later statement"
    }
  }
}
