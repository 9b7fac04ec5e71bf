import Glibc

/// The processors that this process may run on.
public enum SystemProcessors {
  public static var count: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
