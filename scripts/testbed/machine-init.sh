#!/bin/bash
# Process 1 of a machine: makes its file system out of the host's, then keeps its services running.
# usage, from the cache folder: machine-init.sh CGROUP-VERSION NAME PLACE-OF-THE-CACHE DISK
set -euo pipefail
cgroup_version=$1 name=$2 inside=$3 disk=$4

# Keep the way to the cache before anything can hide it: the working directory is it. It is mounted
# without its path, which may lead through what is replaced below.
mount_cache() {
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p "$inside" /run/lock /run/sysctl
  mount --no-canonicalize --bind . "$inside"
}

# The host's copies must go, not only be covered: runc and cAdvisor read mountinfo and would find them.
mount_kernel() {
  local hierarchies hierarchy option
  hierarchies=$(awk '$3 == "cgroup" && $2 ~ "^/sys/fs/cgroup/" {sub(".*/", "", $2); print $2}' /proc/mounts)
  umount --recursive --lazy /sys
  umount --recursive --lazy /proc
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
  if [ "$cgroup_version" = 2 ]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    hand_controllers_on
    return
  fi
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  for hierarchy in $hierarchies; do
    option=$hierarchy
    [ "$hierarchy" != systemd ] || option=none,name=systemd
    mkdir "/sys/fs/cgroup/$hierarchy"
    mount -t cgroup -o "$option" cgroup "/sys/fs/cgroup/$hierarchy"
    link_controllers "$hierarchy"
  done
}

# A hierarchy of several controllers goes by the name of each of them too.
link_controllers() {
  local controller
  [[ $1 == *,* ]] || return 0
  for controller in ${1//,/ }; do ln -s "$1" "/sys/fs/cgroup/$controller"; done
}

hand_controllers_on() {
  local controllers
  read -r controllers </sys/fs/cgroup/cgroup.controllers
  echo "+${controllers// / +}" >/sys/fs/cgroup/cgroup.subtree_control
}

# The machine writes into its own folder only: /etc as a copy on write, /var for its own, the rest
# of the host's files as they are.
mount_disk() {
  mount -t overlay -o "lowerdir=/etc,upperdir=$disk/etc,workdir=$disk/etc-work" overlay /etc
  mount --bind "$disk/var" /var
  mount -t tmpfs -o mode=1777 tmpfs /tmp
  mount --bind "$disk/meminfo" /proc/meminfo
  mount --bind "$disk/boot_id" /proc/sys/kernel/random/boot_id
}

# kubelet wants to set these, which belong to the whole kernel. It gets files instead.
cover_sysctls() {
  local setting file
  for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=/run/sysctl/$(tr / _ <<<"${setting%=*}")
    echo "${setting#*=}" >"$file"
    mount --bind "$file" "/proc/sys/${setting%=*}"
  done
}

# Starts a service again whenever it ends.
keep_running() {
  while :; do
    bash "$1" >>"$disk/log/$(basename "$1").log" 2>&1 </dev/null || true
    sleep 1
  done
}

hostname "$name"
mount_cache
mount_kernel
mount_disk
cover_sysctls
mount --make-rshared /
cd /
shopt -s nullglob
for service in "$disk"/services/*; do keep_running "$service" & done
touch "$disk/log/ready"
# What containers leave behind comes to this process, and is reaped by waiting.
while :; do
  wait -n || true
  sleep 1
done
