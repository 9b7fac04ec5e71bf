/// Why there is no TUN interface.
public enum TunError: Error, Hashable {
  /// /dev/net/tun is missing, or the kernel has no driver for it.
  case noDevice
  /// The device may not be opened, or CAP_NET_ADMIN is missing.
  case notPermitted
  /// An interface has this name already.
  case nameTaken
  /// Not a name for an interface; see ``InterfaceName``.
  case badName
  case system(SystemError)
}
