/// The calls whose failure a ``SystemError`` reports.
public enum SystemCall: String, Sendable {
  case bind
  case capabilities = "cap_set_proc"
  case changeMode = "fchmod"
  case changeOwner = "lchown"
  case connect
  case createDirectory = "mkdir"
  case duplicate = "fcntl(F_DUPFD)"
  case epollAdd = "epoll_ctl(ADD)"
  case epollCreate = "epoll_create1"
  case epollRemove = "epoll_ctl(DEL)"
  case epollWait = "epoll_wait"
  case eventfd
  case getrandom
  case getsockname
  case group = "getgrnam_r"
  case link
  case listen
  case lock = "flock"
  case netlink
  case open
  case poll
  case prctl
  case read
  case receive = "recv"
  case rename
  case send
  case setGroups = "setgroups"
  case setGroupID = "setresgid"
  case setUserID = "setresuid"
  case setLimit = "setrlimit"
  case setOption = "setsockopt"
  case socket
  case socketPair = "socketpair"
  case spawn = "posix_spawn"
  case stat = "fstat"
  case sync = "fsync"
  case threadCreate = "pthread_create"
  case timerCreate = "timerfd_create"
  case timerSet = "timerfd_settime"
  case truncate = "ftruncate"
  case tunAttach = "TUNSETIFF"
  case tunHeaderSize = "TUNSETVNETHDRSZ"
  case tunOffload = "TUNSETOFFLOAD"
  case user = "getpwnam_r"
  case wait = "waitpid"
  case write
}
