# The nftables rules of the router types of a lab; scripts/lib/lab.sh says what each does.
# shellcheck shell=bash

# The rules of a router of TYPE at address WAN; eth0 is its outside, lan0 its inside, which with nat64
# comes by the translator.
lab_rules() {
  local type=$1 wan=$2 inside=lan0 family=ip
  [[ $type != nat64 ]] || inside=nat64
  [[ $wan != *:* ]] || family=ip6
  # A router drops what is meant for itself: otherwise a peer's early knock is taken as a flow
  # to the router, occupies the port, and the hole is lost. Home routers do the same.
  cat <<RULES
table $family lab {
  chain input { type filter hook input priority filter; policy accept;
    iifname "eth0" ct state new drop
  }
RULES
  case $type in
    cone | blocked | nat64) lab_source_rules masquerade ;;
    symmetric) lab_source_rules "masquerade fully-random" ;;
    sequential) lab_sequential_rules "$wan" ;;
    full-cone | restricted | address-symmetric) lab_mapping_rules "$type" "$wan" ;;
    firewall) ;;
    *) echo "unknown router type '$type'" >&2; return 1 ;;
  esac
  local inbound='ct state established,related accept' outbound=accept
  [[ $type != @(full-cone|restricted|address-symmetric) ]] || inbound='ct status dnat accept'
  [[ $type != blocked ]] || outbound='tcp dport { 80, 443 } accept'
  cat <<RULES
  chain forward { type filter hook forward priority filter; policy drop;
    iifname "eth0" ct state established,related accept
    iifname "eth0" $inbound
    iifname "$inside" $outbound
  }
}
RULES
}

# Each argument is one rule for what leaves.
lab_source_rules() {
  echo "  chain postrouting { type nat hook postrouting priority srcnat;"
  printf '    oifname "eth0" %s\n' "$@"
  echo "  }"
}

# By a map, because nft 1.0 would write the number into the port with its bytes swapped.
lab_sequential_rules() {
  local ports
  ports=$(seq 0 4095 | awk '{ printf "%d : %d, ", $1, 20000 + $1 }')
  lab_source_rules "meta l4proto udp snat to $1 : numgen inc mod 4096 map { $ports }" masquerade
}

# Linux keeps a mapping per flow. These maps keep one per inside endpoint, or for address-symmetric
# per inside endpoint and outside address, and remember which outside addresses were written to.
lab_mapping_rules() {
  local type=$1 wan=$2 destination='' destination_type='' fresh=masquerade known='udp dport . ip saddr @known'
  case $type in
    full-cone) known='' ;;
    address-symmetric) destination=' . ip daddr' destination_type=' . ipv4_addr' fresh+=' fully-random' ;;
  esac
  local inner='ct original ip saddr . ct original proto-src' options='size 4096; flags dynamic,timeout; timeout 5m;'
  cat <<RULES
  map inside { type inet_service : ipv4_addr . inet_service; $options
  }
  map outside { type ipv4_addr . inet_service$destination_type : inet_service; $options
  }
  set known { type inet_service . ipv4_addr; $options
  }
  chain remember { type filter hook postrouting priority srcnat + 10;
    oifname "eth0" ct direction original meta l4proto udp update @inside { udp sport : $inner }
    oifname "eth0" ct direction original meta l4proto udp update @outside { $inner$destination : udp sport }
    oifname "eth0" meta l4proto udp update @known { udp sport . ip daddr }
  }
  chain prerouting { type nat hook prerouting priority dstnat;
    iifname "eth0" meta l4proto udp $known dnat to udp dport map @inside
  }
RULES
  lab_source_rules "meta l4proto udp snat to $wan : ip saddr . udp sport$destination map @outside" "$fresh"
}
