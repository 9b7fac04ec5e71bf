/// A failure on the wire: the stable code, one line for people, and the value that it is about.
struct ErrorReport: Codable {
  var error: String
  var message: String
  var subject: String

  init(_ error: ControlError) {
    self.error = error.code.rawValue
    message = error.explanation
    subject = error.subject
  }

  /// The error it reports; one of a later release, by its message.
  var controlError: ControlError {
    guard let code = ControlError.Code(rawValue: error) else {
      return ControlError(.internalError, message)
    }
    return ControlError(code, subject)
  }
}
