# The network: a switch (a bridge in a network namespace of its own) that every machine and the host
# are plugged into. The host gets one link and nothing else: no bridge, no rule, no forwarding.
# shellcheck shell=bash

SWITCH=$CLUSTER-switch
HOST_LINK=${CLUSTER}0
CUT_COMMENT='cut from'

namespace_exists() { [ -e "/run/netns/$1" ] && grep -qE "^$1( |\$)" <<<"$(ip netns list)"; }

network_up() {
  ip netns add "$SWITCH"
  ip -n "$SWITCH" link add bridge type bridge
  ip -n "$SWITCH" link set bridge up
  ip -n "$SWITCH" link set lo up
  # A switch forwards frames; it has no business with rules for packets.
  ip netns exec "$SWITCH" sysctl -qw net.bridge.bridge-nf-call-iptables=0
  ip link add "$HOST_LINK" type veth peer name host netns "$SWITCH"
  ip -n "$SWITCH" link set host master bridge up
  ip addr add "$NETWORK.1/24" dev "$HOST_LINK"
  ip link set "$HOST_LINK" up
}

# Gives a machine a namespace, plugged into the switch.
network_attach() {
  local machine=$1 namespace=$CLUSTER-$1 other
  ip netns add "$namespace"
  ip -n "$SWITCH" link add "$machine" type veth peer name eth0 netns "$namespace"
  ip -n "$SWITCH" link set "$machine" master bridge up
  ip -n "$namespace" addr add "$(machine_address "$machine")/24" dev eth0
  ip -n "$namespace" link set lo up
  ip -n "$namespace" link set eth0 up
  ip -n "$namespace" route add default via "$NETWORK.1"
  ip netns exec "$namespace" sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
  # Pods are reached through their machine; the API server calls pods too.
  for other in $(machine_names); do
    [ "$other" = "$machine" ] || [ "$other" = cp ] ||
      ip -n "$namespace" route add "$(pod_cidr "$other")" via "$(machine_address "$other")"
  done
}

# The link goes with the namespace, as the light of a port goes out when a machine loses power.
network_detach() {
  ! namespace_exists "$CLUSTER-$1" || ip netns del "$CLUSTER-$1"
  # The other end would survive for a moment while the kernel takes the namespace apart.
  ip -n "$SWITCH" link del "$1" 2>/dev/null || true
}

# network_cut MACHINE [OTHER]: from everything, or from one other machine only.
network_cut() {
  if [ $# = 1 ]; then
    ip -n "$SWITCH" link set "$1" down
  else
    network_drop "$1" "$2"
    network_drop "$2" "$1"
  fi
}

# A machine loses what comes from another one and its pods, before anything else sees it.
network_drop() {
  local source
  network_admit "$1" "$2"
  for source in "$(machine_address "$2")" "$(pod_cidr "$2")"; do
    ip netns exec "$CLUSTER-$1" iptables -w -t raw -I PREROUTING -i eth0 -s "$source" \
      -m comment --comment "$CUT_COMMENT $2" -j DROP
  done
}

network_admit() {
  local source
  for source in "$(machine_address "$2")" "$(pod_cidr "$2")"; do
    ip netns exec "$CLUSTER-$1" iptables -w -t raw -D PREROUTING -i eth0 -s "$source" \
      -m comment --comment "$CUT_COMMENT $2" -j DROP 2>/dev/null || true
  done
}

# network_heal MACHINE [OTHER]: without another machine, heals every cut of this one.
network_heal() {
  local other
  for other in ${2:-$(machine_names)}; do
    network_admit "$1" "$other"
    network_admit "$other" "$1"
  done
  # One that is off has no link; it gets a whole one when it is turned on.
  [ $# = 2 ] || ! namespace_exists "$CLUSTER-$1" || ip -n "$SWITCH" link set "$1" up
}

# Says how a machine is connected: up, cut, cut from some, or - when it is off.
network_state() {
  local from
  namespace_exists "$CLUSTER-$1" || {
    echo -
    return
  }
  [[ $(ip -n "$SWITCH" -o link show "$1" 2>/dev/null) == *[,\<]UP[,\>]* ]] || {
    echo cut
    return
  }
  from=$(ip netns exec "$CLUSTER-$1" iptables -w -t raw -S PREROUTING 2>/dev/null |
    sed -nE "s/.*--comment \"$CUT_COMMENT ([a-z0-9]+)\".*/\1/p" | sort -u | tr '\n' ' ')
  from=${from% }
  echo "${from:+cut from }${from:-up}"
}

# Removes every namespace and link of this cluster, also those of machines that nobody remembers.
network_down() {
  local namespace
  for namespace in $(network_namespaces); do ip netns del "$namespace"; done
  ip link del "$HOST_LINK" 2>/dev/null || true
  # iproute2 mounts this folder for its first namespace and leaves it so.
  if [ -d /run/netns ] && [ -z "$(ls -A /run/netns)" ]; then
    umount /run/netns 2>/dev/null || true
    rmdir /run/netns 2>/dev/null || true
  fi
}

network_namespaces() {
  ip netns list 2>/dev/null | cut -d' ' -f1 | grep -E "^$CLUSTER-(switch|cp|n[0-9]+)\$" || true
}
