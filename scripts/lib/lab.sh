# A small internet made of network namespaces on this one machine. Sourced by bash.
#
#   lab_begin                          a fresh internet; removed when the shell exits
#   lab_host NAME ADDRESS…             a host on it, IPv4 and/or IPv6, each routed by itself
#   lab_router NAME TYPE WAN LAN       a router at address WAN; LAN is the inside's prefix,
#                                      such as 192.168.1 (a /24)
#   lab_inside NAME ROUTER ADDRESS     a host behind a router
#   lab_move NAME ROUTER ADDRESS       takes a host to another network ("" is the internet)
#   lab_link A B PREFIX                two hosts joined by one cable: PREFIX.1 and PREFIX.2
#   lab_run NAME COMMAND…              runs a command on a host
#   lab_end                            removes it all
#
# Router types, by RFC 4787 (mapping, filtering):
#   cone        endpoint-independent mapping, address-and-port-dependent filtering
#   full-cone   endpoint-independent both ways
#   restricted  endpoint-independent mapping, address-dependent filtering
#   symmetric   address-and-port-dependent both ways, with random ports
#   firewall    no translation; inside is public, only answers come in
#   blocked     as cone, but nothing goes out except TCP to ports 80 and 443
#
# Every namespace is called $lab-NAME; the prefix is unique to this lab, and only what bears it
# is ever removed. LAB_PREFIX continues a lab that another process began (see scripts/lab).
# shellcheck shell=bash

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
  local name=$1 type=$2 wan=$3 lan=$4
  lab_host "$name" "$wan"
  lab_run "$name" sysctl -q -w net.ipv4.ip_forward=1
  ip -n "$lab-$name" link add dev lan0 type bridge
  ip -n "$lab-$name" address add "$lan.1/24" dev lan0
  ip -n "$lab-$name" link set dev lan0 up
  # On a bridge in a fresh namespace the kernel would filter what it only switches.
  lab_run "$name" sysctl -q -w net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true
  [[ $type != firewall ]] || ip -n "$lab-net" route replace "$lan.0/24" via "$wan" dev "$name" onlink
  lab_rules "$type" "$wan" | lab_run "$name" nft -f -
}

lab_inside() {
  lab_namespace "$1"
  lab_plug "$@"
}

lab_plug() {
  local name=$1 router=$2 address=$3
  ip link add dev eth0 netns "$lab-$name" type veth peer name "$name" netns "$lab-$router"
  ip -n "$lab-$router" link set dev "$name" master lan0 up
  ip -n "$lab-$name" address add "$address/24" dev eth0
  ip -n "$lab-$name" link set dev eth0 up
  ip -n "$lab-$name" route replace default via "${address%.*}.1" dev eth0
}

lab_move() {
  local name=$1 router=$2 address=$3
  ip -n "$lab-$name" link delete dev eth0
  if [[ -z $router ]]; then
    lab_attach "$name" "$address"
  else
    lab_plug "$name" "$router" "$address"
  fi
}

# The nftables rules of a router type.
lab_rules() {
  local type=$1 wan=$2 verdict
  # A router drops what is meant for itself: otherwise a peer's early knock is taken as a flow
  # to the router, occupies the port, and the hole is lost. Home routers do the same.
  cat <<RULES
table ip lab {
  chain input { type filter hook input priority filter; policy accept;
    iifname "eth0" ct state new drop
  }
RULES
  case $type in
    cone | symmetric | blocked)
      local masquerade=masquerade
      [[ $type != symmetric ]] || masquerade="masquerade fully-random"
      cat <<RULES
  chain postrouting { type nat hook postrouting priority srcnat;
    oifname "eth0" $masquerade
  }
RULES
      ;;
    full-cone | restricted)
      # Linux keeps a mapping per flow; these sets keep one per inside endpoint.
      cat <<RULES
  map inside { type inet_service : ipv4_addr . inet_service; size 4096; flags dynamic,timeout; timeout 5m; }
  map outside { type ipv4_addr . inet_service : inet_service; size 4096; flags dynamic,timeout; timeout 5m; }
  set known { type inet_service . ipv4_addr; size 4096; flags dynamic,timeout; timeout 5m; }
  chain remember { type filter hook postrouting priority srcnat + 10;
    oifname "eth0" ct direction original meta l4proto udp \
      update @inside { udp sport : ct original ip saddr . ct original proto-src }
    oifname "eth0" ct direction original meta l4proto udp \
      update @outside { ct original ip saddr . ct original proto-src : udp sport }
    oifname "eth0" meta l4proto udp update @known { udp sport . ip daddr }
  }
  chain postrouting { type nat hook postrouting priority srcnat;
    oifname "eth0" meta l4proto udp snat to $wan : ip saddr . udp sport map @outside
    oifname "eth0" masquerade
  }
RULES
      verdict="dnat to udp dport map @inside"
      [[ $type == full-cone ]] || verdict="udp dport . ip saddr @known $verdict"
      cat <<RULES
  chain prerouting { type nat hook prerouting priority dstnat;
    iifname "eth0" meta l4proto udp $verdict
  }
RULES
      ;;
    firewall) ;;
    *) echo "unknown router type '$type'" >&2; return 1 ;;
  esac
  local inbound='iifname "eth0" ct state established,related accept'
  [[ $type != @(full-cone|restricted) ]] || inbound='iifname "eth0" ct status dnat accept
    '"$inbound"
  local outbound='iifname "lan0" accept'
  [[ $type != blocked ]] || outbound='iifname "lan0" tcp dport { 80, 443 } accept'
  cat <<RULES
  chain forward { type filter hook forward priority filter; policy drop;
    $inbound
    $outbound
  }
}
RULES
}
