import IPv8Control
import IPv8Store

extension StoreError: ExplainedError {
  public var explanation: String { ControlError(self).explanation }
  public var exitCode: ExitCode { ControlError(self).exitCode }
}

extension ControlError {
  public init(_ error: StoreError) {
    switch error {
    case .notADatabase(let path): self.init(.storage, "database \(path): not one of ipv8-tun")
    case .corrupt(let path):
      self.init(.storage, "database \(path): damaged; 'ipv8-tun up' repairs it")
    case .newerSchema(let path, let version):
      self.init(.storage, "database \(path): version \(version) is of a later ipv8-tun; upgrade")
    case .unwritable(let path): self.init(.permissionDenied, "database \(path)")
    case .diskFull(let path): self.init(.diskFull, "database \(path)")
    case .busy(let path): self.init(.stateBusy, path)
    case .failed(let path, let code):
      self.init(.storage, "database \(path): SQLite reports error \(code)")
    case .nameInvalid(let name): self.init(.nameInvalid, name)
    case .nameTaken(let name): self.init(.nameTaken, name)
    case .aliasTaken(let address): self.init(.internalError, "alias \(address) given twice")
    case .tooManyEndpoints(let limit): self.init(.tooManyEndpoints, "\(limit)")
    case .tooManyContacts(let limit): self.init(.tooManyContacts, "\(limit)")
    case .relationType(let refusal): self.init(.requestMalformed, "relation type: \(refusal)")
    }
  }
}
