# The cgroups of the machines, of version 1 or 2 as this Linux has them. Membership is also how the
# processes of a machine are found again: a number in a file could be another process by now.
# shellcheck shell=bash

CGROUPS=/sys/fs/cgroup

cgroup_version() {
  if [ "$(stat -fc %T "$CGROUPS")" = cgroup2fs ]; then echo 2; else echo 1; fi
}

# The hierarchies of version 1, by folder: cpu, memory, ... Folders such as cpu,cpuacct hold several.
cgroup_hierarchies() {
  awk -v root="$CGROUPS/" \
    '$3 == "cgroup" && index($2, root) == 1 {print substr($2, length(root) + 1)}' /proc/mounts
}

cgroup_check() {
  local available controller
  if [ "$(cgroup_version)" = 2 ]; then
    available=$(cat "$CGROUPS/cgroup.controllers")
  else
    available=$(cgroup_hierarchies | tr ',\n' '  ')
    [[ " $available " == *" freezer "* ]] || refuse "no cgroup hierarchy 'freezer' is mounted"
  fi
  for controller in cpu cpuset memory pids; do
    [[ " $available " == *" $controller "* ]] ||
      refuse "the cgroup controller '$controller' is not available in $CGROUPS"
  done
}

# The folders that make up the cgroup of a machine, or of the cluster when no machine is named.
cgroup_folders() {
  local under=$CLUSTER${1:+/$1} hierarchy
  if [ "$(cgroup_version)" = 2 ]; then
    echo "$CGROUPS/$under"
  else
    for hierarchy in $(cgroup_hierarchies); do echo "$CGROUPS/$hierarchy/$under"; done
  fi
}

# The one of them that tells who belongs to the machine.
cgroup_of() {
  if [ "$(cgroup_version)" = 2 ]; then echo "$CGROUPS/$CLUSTER/$1"; else echo "$CGROUPS/pids/$CLUSTER/$1"; fi
}

# Makes the cgroup of a machine, with a limit on its memory.
cgroup_create() {
  local folder bytes=$((MEMORY_MIB * 1024 * 1024))
  if [ "$(cgroup_version)" = 2 ]; then
    folder=$CGROUPS/$CLUSTER
    mkdir -p "$folder/$1"
    cgroup_delegate "$CGROUPS"
    cgroup_delegate "$folder"
    echo "$bytes" >"$folder/$1/memory.max"
    return
  fi
  for folder in $(cgroup_folders "$1"); do
    mkdir -p "$folder"
    # A new cpuset is empty: nothing could run in it.
    [ ! -e "$folder/cpuset.cpus" ] || cgroup_copy_cpuset "$folder"
    [ ! -e "$folder/memory.limit_in_bytes" ] || echo "$bytes" >"$folder/memory.limit_in_bytes"
  done
}

cgroup_delegate() {
  local controller
  for controller in cpu cpuset memory io pids; do
    echo "+$controller" >"$1/cgroup.subtree_control" 2>/dev/null || true
  done
}

cgroup_copy_cpuset() {
  local level file
  for level in "$(dirname "$1")" "$1"; do
    for file in cpuset.cpus cpuset.mems; do cat "$(dirname "$level")/$file" >"$level/$file"; done
    echo 1 >"$level/cgroup.clone_children"
  done
}

# Moves the calling process into a machine.
cgroup_enter() {
  local folder
  for folder in $(cgroup_folders "$1"); do
    # In version 2 only leaves may hold processes; until the machine has made its own, it is one.
    [ ! -d "$folder/init" ] || folder=$folder/init
    echo "$BASHPID" >"$folder/cgroup.procs"
  done
}

# All processes of a machine, its pods' too.
cgroup_members() {
  local folder
  folder=$(cgroup_of "$1")
  [ ! -d "$folder" ] || find "$folder" -name cgroup.procs -exec cat {} + 2>/dev/null || true
}

# The machine's process 1 as the host numbers it; nothing when the machine is off. It is number 1
# one namespace below the host's; a pod's is one further below.
cgroup_first_process() {
  local process
  for process in $(cgroup_members "$1"); do
    if [ "$(awk '/^NSpid:/ {print NF, $3}' "/proc/$process/status" 2>/dev/null)" = '3 1' ]; then
      echo "$process"
      return
    fi
  done
}

# Ends every process of a machine. Frozen ones die only when they are thawed: kill first, so that
# none of them runs in between.
cgroup_kill() {
  local members
  for _ in $(seq 100); do
    members=$(cgroup_members "$1")
    [ -n "$members" ] || return 0
    # shellcheck disable=SC2086 # one argument for each process
    kill -9 $members 2>/dev/null || true
    cgroup_freeze "$1" thaw
    sleep 0.1
  done
  fail "processes of machine $1 do not end when killed: $(tr '\n' ' ' <<<"$members")"
}

# cgroup_freeze MACHINE freeze|thaw
cgroup_freeze() {
  local file=$CGROUPS/freezer/$CLUSTER/$1/freezer.state state=THAWED
  [ "$2" = thaw ] || state=FROZEN
  if [ "$(cgroup_version)" = 2 ]; then
    file=$CGROUPS/$CLUSTER/$1/cgroup.freeze state=0
    [ "$2" = thaw ] || state=1
  fi
  [ ! -e "$file" ] || echo "$state" >"$file"
}

cgroup_is_frozen() {
  if [ "$(cgroup_version)" = 2 ]; then
    grep -qx 'frozen 1' "$CGROUPS/$CLUSTER/$1/cgroup.events" 2>/dev/null
  else
    grep -qE 'FROZEN|FREEZING' "$CGROUPS/freezer/$CLUSTER/$1/freezer.state" 2>/dev/null
  fi
}

# Removes the cgroup of a machine, or of the whole cluster; its processes have ended.
cgroup_remove() {
  local folder
  for folder in $(cgroup_folders "${1:-}"); do
    # The kernel needs a moment to forget the dead.
    for _ in $(seq 50); do
      [ -d "$folder" ] || break
      find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1
    done
    [ ! -d "$folder" ] || fail "the cgroup $folder cannot be removed; is a process of others in it?"
  done
}
