/// Who may read the quality of paths, beside root and the group of the daemon's user.
public enum PathReaders: Hashable, Sendable {
  case root
  case group(String)
  case everyone
}
