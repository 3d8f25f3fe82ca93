# What the host must have: root, commands, room on the disk, and some parts of the kernel.
# shellcheck shell=bash

host_check() {
  [ "$(id -u)" = 0 ] || refuse "this makes namespaces, mounts and links: run it as root"
}

# Commands and files, each with Debian's package that holds it.
# shellcheck disable=SC2034 # for packages_install
HOST_NEEDS='
ip iproute2
nsenter util-linux
openssl openssl
iptables iptables
ipset ipset
conntrack conntrack
containerd containerd
ctr containerd
runc runc
/usr/lib/cni/bridge containernetworking-plugins
'
# shellcheck disable=SC2034
IMAGE_NEEDS='
mmdebstrap mmdebstrap
gcc gcc
/usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
'

# Installs the packages of those needs that are not met: packages_install NEEDS
packages_install() {
  local need package missing=() packages=()
  while read -r need package; do
    if [ -n "$need" ] && ! command -v "$need" >/dev/null && [ ! -e "$need" ]; then
      missing+=("$need")
      packages+=("$package")
    fi
  done <<<"$1"
  # What gcc needs to link without shared libraries.
  [[ $1 != *gcc* ]] || compgen -G '/usr/lib/*/libc.a' >/dev/null || {
    missing+=(libc.a)
    packages+=(libc6-dev)
  }
  [ ${#missing[@]} != 0 ] || return 0
  command -v apt-get >/dev/null ||
    refuse "these are missing, and here is no apt-get to install them: ${missing[*]}"
  step packages "installing Debian's ${packages[*]}" apt_install "${packages[@]}"
}

# It must not take anything away: another containerd, say, is as good.
apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -q -y --no-install-recommends --no-remove "$@"
}

# disk_check GIGABYTES PURPOSE
disk_check() {
  local folder=$CACHE free
  mkdir -p "$CACHE"
  free=$(($(df --output=avail -k "$folder" | tail -n 1) / 1048576))
  [ "$free" -ge "$1" ] || refuse "$2 needs $1 GiB of disk in $folder, and $free GiB are free"
}

# What the kernel must be able to do, tried in a network namespace that is gone afterwards.
kernel_check() {
  # They may be modules, and nothing else asks for them in time.
  modprobe -a -q br_netfilter overlay ip_set 2>/dev/null || true
  grep -qw overlay /proc/filesystems || refuse "this kernel has no overlayfs, which containers need"
  kernel_try 'bridges and veth links' 'ip link add name t0 type bridge && ip link add name t1 type veth peer name t2'
  kernel_try 'bridged packets through iptables (br_netfilter)' \
    'test -e /proc/sys/net/bridge/bridge-nf-call-iptables'
  kernel_try 'iptables with NAT and the matches that kube-proxy uses' \
    'iptables -w -t nat -A POSTROUTING -m comment --comment c -m statistic --mode random \
       --probability 0.5 -m mark --mark 1 -j MASQUERADE &&
     iptables -w -A FORWARD -m conntrack --ctstate ESTABLISHED -m addrtype --dst-type LOCAL -j ACCEPT'
  kernel_try 'ipset' \
    'ipset create tried hash:ip && iptables -w -A FORWARD -m set --match-set tried src -j ACCEPT'
  cgroup_check
}

# kernel_try WHAT COMMANDS
kernel_try() {
  unshare --net sh -c "$2" >/dev/null 2>&1 || refuse "this kernel lacks $1"
}

# Without it, 10.89.0.0/24 could be somebody's office.
network_is_free() {
  local used
  used=$(ip -o -4 addr show | awk -v own="$HOST_LINK" -v net="$NETWORK." \
    '$2 != own && index($4, net) == 1 {print $2}')
  [ -z "$used" ] ||
    refuse "the network $NETWORK.0/24 is in use here by $used; choose another with REGENT_NETWORK"
}
