# A small internet made of network namespaces on this one machine. Sourced by bash.
#
#   lab_begin                          a fresh internet; removed when the shell exits
#   lab_host NAME ADDRESS…             a host on it, IPv4 and/or IPv6, each routed by itself
#   lab_router NAME TYPE WAN LAN [UPSTREAM]
#                                      a router at address WAN, on the internet or behind the router
#                                      UPSTREAM; LAN is the inside's prefix, such as 192.168.1 (a /24)
#   lab_inside NAME ROUTER ADDRESS     a host behind a router; ADDRESS is IPv6 where the inside is
#   lab_move NAME ROUTER ADDRESS       takes a host to another network ("" is the internet)
#   lab_renumber NAME ADDRESS          gives a host another address in the network where it is
#   lab_unplug NAME                    takes a host off its network; lab_move ends that
#   lab_cut NAME, lab_mend NAME        its cable loses everything, unseen at both ends, and heals
#   lab_lifetime ROUTER NEW OLD        seconds that a router keeps a UDP mapping without traffic:
#                                      while nothing was answered, and after (Linux: 30 and 120)
#   lab_reboot ROUTER                  the router forgets every mapping and every flow
#   lab_link A B PREFIX                two hosts joined by one cable: PREFIX.1 and PREFIX.2
#   lab_run NAME COMMAND…              runs a command on a host
#   lab_end                            removes it all
#
# Router types, by RFC 4787 (mapping, filtering):
#   cone        endpoint-independent mapping, address-and-port-dependent filtering
#   full-cone   endpoint-independent both ways
#   restricted  endpoint-independent mapping, address-dependent filtering
#   symmetric   address-and-port-dependent both ways, with random ports
#   sequential  as symmetric, each new mapping on the next port
#   address-symmetric
#               address-dependent both ways, with random ports
#   firewall    no translation; inside is public, only answers come in; of IPv6 where WAN is: LAN is then
#               a /64 such as 2001:db8:7
#   blocked     as cone, but nothing goes out except TCP to ports 80 and 443
#   nat64       inside there is IPv6 alone, which leads nowhere but to IPv4 hosts, under LAN:64::/96, as by
#               cone; LAN is a /64 such as 2001:db8:64. The router's own name server (dns64.py) is that
#               of the hosts inside
# Mappings of full-cone, restricted and address-symmetric live for 5 minutes; lab_lifetime is about
# the others. A carrier-grade NAT is a router with others behind it.
#
# Every namespace is called $lab-NAME; the prefix is unique to this lab, and only what bears it
# is ever removed. LAB_PREFIX continues a lab that another process began (see scripts/lab).
# shellcheck shell=bash

# shellcheck source=scripts/lib/routers.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/routers.sh"

lab=${LAB_PREFIX-}
lab_gateway=169.254.0.1
lab_gateway6=fe80::1

lab_begin() {
  ((EUID == 0)) || { echo "a lab of network namespaces needs root" >&2; return 1; }
  lab=${lab:-ipv8-$$}
  [[ -z ${LAB_PREFIX-} ]] && trap lab_end EXIT
  lab_namespace net
  lab_run net sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# The processes inside are ours: nobody else knows these namespaces.
lab_end() {
  local namespace pids
  for namespace in $(ip netns list | awk -v p="$lab-" 'index($1, p) == 1 { print $1 }'); do
    pids=$(ip netns pids "$namespace")
    # shellcheck disable=SC2086
    [[ -z $pids ]] || kill -KILL $pids 2>/dev/null || true
    ip netns delete "$namespace" || true
    rm -rf -- "/etc/netns/$namespace"
  done
}

lab_run() {
  local name=$1
  shift
  ip netns exec "$lab-$name" "$@"
}

lab_namespace() {
  ip netns add "$lab-$1"
  lab_run "$1" sysctl -q -w net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
  ip -n "$lab-$1" link set dev lo up
}

lab_host() {
  lab_namespace "$1"
  lab_attach "$@"
}

# Joins NAME to the internet: a veth of its own and a host route per address.
lab_attach() {
  local name=$1 address
  shift
  ip link add dev eth0 netns "$lab-$name" type veth peer name "$name" netns "$lab-net"
  ip -n "$lab-net" link set dev "$name" up
  ip -n "$lab-net" address add "$lab_gateway/32" dev "$name"
  ip -n "$lab-net" address add "$lab_gateway6/64" dev "$name" nodad
  ip -n "$lab-$name" link set dev eth0 up
  for address in "$@"; do
    if [[ $address == *:* ]]; then
      ip -n "$lab-$name" address add "$address/128" dev eth0 nodad
      ip -n "$lab-$name" route replace default via "$lab_gateway6" dev eth0
      ip -n "$lab-net" route replace "$address/128" dev "$name"
    else
      ip -n "$lab-$name" address add "$address/32" dev eth0
      ip -n "$lab-$name" route replace default via "$lab_gateway" dev eth0 onlink
      ip -n "$lab-net" route replace "$address/32" dev "$name"
    fi
  done
}

lab_link() {
  local a=$1 b=$2 prefix=$3
  lab_namespace "$a"
  lab_namespace "$b"
  ip link add dev eth0 netns "$lab-$a" type veth peer name eth0 netns "$lab-$b"
  ip -n "$lab-$a" address add "$prefix.1/24" dev eth0
  ip -n "$lab-$b" address add "$prefix.2/24" dev eth0
  ip -n "$lab-$a" link set dev eth0 up
  ip -n "$lab-$b" link set dev eth0 up
}

lab_router() {
  local name=$1 type=$2 wan=$3 lan=$4 upstream=${5-}
  if [[ -z $upstream ]]; then lab_host "$name" "$wan"; else lab_inside "$name" "$upstream" "$wan"; fi
  lab_run "$name" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  ip -n "$lab-$name" link add dev lan0 type bridge
  ip -n "$lab-$name" link set dev lan0 up
  case $lan in
    *:*) ip -n "$lab-$name" address add "$lan::1/64" dev lan0 nodad ;;
    *) ip -n "$lab-$name" address add "$lan.1/24" dev lan0 ;;
  esac
  # On a bridge in a fresh namespace the kernel would filter what it only switches.
  lab_run "$name" sysctl -q -w net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true
  case $type in
    firewall) lab_publish "$name" "$wan" "$lan" ;;
    nat64) lab_translate "$name" "$lan" ;;
  esac
  lab_rules "$type" "$wan" | lab_run "$name" nft -f -
}

# The internet finds what is behind a router.
lab_publish() {
  local name=$1 wan=$2 lan=$3
  case $lan in
    *:*) lan+=::/64 ;;
    *) lan+=.0/24 ;;
  esac
  ip -n "$lab-net" route replace "$lan" via "$wan" dev "$name" onlink
}

# IPv6 hosts get addresses of 192.168.255.0/24 (tayga), and share the router's as those of IPv4 do.
lab_translate() {
  # Not the well-known prefix, which is not for the documentation's addresses.
  local name=$1 lan=$2 prefix=$2:64::/96 step
  for step in --mktun ''; do
    # shellcheck disable=SC2086
    lab_run "$name" tayga --config /dev/stdin $step >/dev/null <<TAYGA
tun-device nat64
ipv4-addr 192.168.255.1
ipv6-addr $lan::64
prefix $prefix
dynamic-pool 192.168.255.0/24
TAYGA
    [[ -n $step ]] || continue
    ip -n "$lab-$name" link set dev nat64 up
    ip -n "$lab-$name" route add 192.168.255.0/24 dev nat64
    ip -n "$lab-$name" route add "$prefix" dev nat64
  done
  lab_run "$name" python3 "$(dirname -- "${BASH_SOURCE[0]}")/dns64.py" "$lan::1" "$prefix" \
    </dev/null >/dev/null 2>&1
}

lab_inside() {
  lab_namespace "$1"
  lab_plug "$@"
}

lab_plug() {
  local name=$1 router=$2 address=$3
  ip link add dev eth0 netns "$lab-$name" type veth peer name "$name" netns "$lab-$router"
  ip -n "$lab-$router" link set dev "$name" master lan0 up
  ip -n "$lab-$name" link set dev eth0 up
  if [[ $address == *:* ]]; then
    ip -n "$lab-$name" address add "$address/64" dev eth0 nodad
    ip -n "$lab-$name" route replace default via "${address%::*}::1" dev eth0
    mkdir -p "/etc/netns/$lab-$name"
    echo "nameserver ${address%::*}::1" >"/etc/netns/$lab-$name/resolv.conf"
  else
    ip -n "$lab-$name" address add "$address/24" dev eth0
    ip -n "$lab-$name" route replace default via "${address%.*}.1" dev eth0
  fi
}

lab_move() {
  local name=$1 router=$2 address=$3
  lab_unplug "$name"
  if [[ -z $router ]]; then
    lab_attach "$name" "$address"
  else
    lab_plug "$name" "$router" "$address"
  fi
}

lab_unplug() { ip -n "$lab-$1" link delete dev eth0 2>/dev/null || true; }

# The old address is gone before the new one comes, as with DHCP after a lost lease.
lab_renumber() {
  local name=$1 address=$2 old
  old=$(ip -n "$lab-$name" -4 -o address show dev eth0 | awk '{ print $4; exit }')
  ip -n "$lab-$name" -4 address flush dev eth0
  if [[ $old == */32 ]]; then
    ip -n "$lab-net" route delete "$old" dev "$name"
    ip -n "$lab-net" route replace "$address/32" dev "$name"
    ip -n "$lab-$name" address add "$address/32" dev eth0
    ip -n "$lab-$name" route replace default via "$lab_gateway" dev eth0 onlink
  else
    ip -n "$lab-$name" address add "$address/24" dev eth0
    ip -n "$lab-$name" route replace default via "${address%.*}.1" dev eth0
  fi
}

# The namespace that holds the far end of NAME's cable.
lab_far() {
  local namespace
  for namespace in $(ip netns list | awk -v p="$lab-" 'index($1, p) == 1 { print $1 }'); do
    if ip -n "$namespace" link show dev "$1" >/dev/null 2>&1; then
      echo "${namespace#"$lab-"}"
      return
    fi
  done
  echo "'$1' is on no network" >&2
  return 1
}

lab_cut() {
  local far
  far=$(lab_far "$1")
  lab_drop "$1" "$1" eth0
  lab_drop "$far" "$1" "$1"
}

lab_mend() {
  local far
  far=$(lab_far "$1")
  lab_run "$1" nft delete table netdev "cut-$1"
  lab_run "$far" nft delete table netdev "cut-$1"
}

# Drops what comes in by DEVICE of NAMESPACE, before anything there sees it.
lab_drop() {
  local namespace=$1 name=$2 device=$3
  lab_run "$namespace" nft -f - <<RULES
table netdev cut-$name {
  chain incoming { type filter hook ingress device "$device" priority -500; policy drop;
  }
}
RULES
}

lab_lifetime() {
  lab_run "$1" sysctl -q -w net.netfilter.nf_conntrack_udp_timeout="$2" \
    net.netfilter.nf_conntrack_udp_timeout_stream="$3"
}

lab_reboot() {
  local memory
  for memory in "map ip lab inside" "map ip lab outside" "set ip lab known"; do
    # shellcheck disable=SC2086
    lab_run "$1" nft flush $memory 2>/dev/null || true
  done
  lab_run "$1" conntrack -F 2>/dev/null
}
