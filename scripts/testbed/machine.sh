# A machine: network, mount, uts, ipc, pid and cgroup namespaces around one process 1, in a cgroup of
# its own. Its disk is a folder; what runs on it is in that folder's services/.
# shellcheck shell=bash

# The machines of this cluster, the control plane first.
machine_names() {
  if [ -s "$RUN/machines" ]; then cat "$RUN/machines"; fi
}

# Refuses a name that is not one of a machine of this cluster.
machine_must_exist() {
  local names
  names=$(machine_names | tr '\n' ' ')
  [ -n "$names" ] || refuse "there is no cluster; start one with: cluster up"
  [[ " $names" == *" $1 "* ]] || refuse "there is no machine '$1'; the machines are: ${names% }"
}

machine_is_on() { [ -n "$(cgroup_first_process "$1")" ]; }

# Writes the disk of a new machine.
machine_create() {
  local disk=$RUN/$1
  mkdir -p "$disk"/{etc,etc-work,var,log,services}
  mkdir -p "$disk"/var/{tmp,log/pods,log/containers,local-path,lib/{kubelet,containerd,cni}}
  ln -s /run "$disk/var/run"
  chmod 1777 "$disk/var/tmp"
  mkdir -p "$disk/etc/cni/net.d"
  echo "$1" >"$disk/etc/hostname"
  printf '127.0.0.1 localhost\n%s %s\n' "$(machine_address "$1")" "$1" >"$disk/etc/hosts"
  echo "nameserver $NETWORK.1" >"$disk/etc/resolv.conf"
  tr -d - </proc/sys/kernel/random/uuid >"$disk/etc/machine-id"
  # kubelet takes the size of the machine from here, not from the cgroup.
  sed -E "s/^MemTotal: .*/MemTotal:       $((MEMORY_MIB * 1024)) kB/
    s/^(SwapTotal|SwapFree): .*/\1:              0 kB/" /proc/meminfo >"$disk/meminfo"
}

# Turns a machine on and waits until its process 1 runs.
machine_start() {
  local machine=$1 attempt
  network_attach "$machine"
  cgroup_create "$machine"
  cat /proc/sys/kernel/random/uuid >"$RUN/$machine/boot_id"
  (
    cgroup_enter "$machine"
    cd "$CACHE"
    # The lock on the cluster is the caller's, not the machine's.
    exec {LOCK}>&- nsenter --net="/run/netns/$CLUSTER-$machine" \
      setsid unshare --mount --uts --ipc --pid --cgroup --fork --kill-child --propagation private \
      bash "$TESTBED/machine-init.sh" "$machine" "$INSIDE" "$INSIDE_RUN/$machine" "$(cgroup_version)"
  ) >"$RUN/$machine/log/init.log" 2>&1 </dev/null &
  for attempt in $(seq 100); do
    [ ! -e "$RUN/$machine/log/ready" ] || return 0
    sleep 0.1
  done
  tail -n 5 "$RUN/$machine/log/init.log" >&2
  fail "machine $machine did not start in $((attempt / 10)) s"
}

# Power loss: nothing in the machine hears of it, its disk stays.
machine_kill() {
  rm -f "$RUN/$1/log/ready"
  cgroup_kill "$1"
  cgroup_remove "$1"
  network_detach "$1"
}

# Replaces the calling process by a command inside the machine.
machine_exec() {
  local machine=$1 first
  shift
  first=$(cgroup_first_process "$machine")
  [ -n "$first" ] || fail "machine $machine is off; turn it on with: cluster power-on $machine"
  cgroup_enter "$machine"
  exec {LOCK}>&- nsenter --target "$first" --mount --uts --ipc --net --pid --cgroup -- "$@"
}

# Lets the machine run a program from now on, each time it is on: machine_service MACHINE NAME
# COMMAND..., its output in the machine's log/NAME.log.
machine_service() {
  local file=$RUN/$1/services/$2
  shift 2
  printf 'exec' >"$file.part"
  printf ' %q' "$@" >>"$file.part"
  echo >>"$file.part"
  mv "$file.part" "$file"
}
