/// Which names Linux takes for a network interface.
public enum InterfaceName {
  /// IFNAMSIZ without the terminating zero, in bytes.
  public static let limit = 15

  /// Whether `text` is valid as it stands (dev_valid_name of Linux); no `%` pattern either.
  public static func isValid(_ text: String) -> Bool {
    (1...limit).contains(text.utf8.count) && text != "." && text != ".."
      && text.utf8.allSatisfy { byte in
        (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "/") && byte != UInt8(ascii: ":")
          && byte != UInt8(ascii: "%")
      }
  }
}
