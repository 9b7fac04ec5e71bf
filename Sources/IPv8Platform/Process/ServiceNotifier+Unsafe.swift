import CIPv8Linux
import Glibc

/// Tells systemd about this service's state (sd_notify(3)), where it asked to be told.
public enum ServiceNotifier {
  public static func ready() { notify("READY=1") }

  public static func stopping() { notify("STOPPING=1") }

  private static func notify(_ state: String) {
    // Sound: nothing in this process changes its environment; the socket's path and the message
    // live for the call.
    guard let path = unsafe getenv("NOTIFY_SOCKET") else { return }
    // Nobody to tell is nothing to report.
    _ = unsafe cipv8_unix_send(path, state)
  }
}
