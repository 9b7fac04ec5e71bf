# Functions that several scripts share. Sourced by bash; has no effect by itself.
# shellcheck shell=bash

repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
export repository

# Says one line and leaves with an error.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

say() { printf '%s\n' "$*"; }

# Runs a command as root: directly, or through sudo where we are not.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die "needs root for '$1'; run it as root, or install sudo"
  fi
}

# The system user that the daemon becomes once the interface stands.
ensure_user() {
  getent passwd ipv8-tun >/dev/null && return
  as_root useradd --system --user-group --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin ipv8-tun
}

# A TUN device is the point of all this; say early and plainly when there is none.
require_tun() {
  [[ -c /dev/net/tun ]] && return
  as_root modprobe tun 2>/dev/null || true
  [[ -c /dev/net/tun ]] || die "/dev/net/tun is missing: load the module (modprobe tun)," \
    "or give the container --device /dev/net/tun --cap-add NET_ADMIN"
}

require_swift() {
  command -v swift >/dev/null || die "no 'swift' on the PATH; install Swift 6.2 or later" \
    "(https://swift.org/install) and try again"
}
