#!/bin/bash
# The last steps on the host's side, already in the cgroup namespace of the machine.
# usage: machine-start.sh CGROUP-FOLDER CGROUP-VERSION NAME PLACE-OF-THE-CACHE DISK
set -euo pipefail
folder=$1 version=$2
shift
# In version 2 a cgroup either holds processes or hands controllers on. The pods need the latter, so
# the machine's own processes go into a leaf; the namespace keeps the folder above as its root.
if [ "$version" = 2 ]; then
  mkdir "$folder/init"
  echo $$ >"$folder/init/cgroup.procs"
fi
exec setsid unshare --mount --uts --ipc --pid --fork --kill-child --propagation private \
  bash "$(dirname "$0")/machine-init.sh" "$@"
