# Who may change what: one run at a time makes or removes a cluster, and one builds.
# shellcheck shell=bash

# The descriptor LOCK holds the lock on the cluster; faults share it: lock_cluster exclusive|shared
lock_cluster() {
  mkdir -p "$CACHE/run"
  exec {LOCK}>"$CACHE/run/$CLUSTER.lock"
  flock --nonblock "--$1" "$LOCK" ||
    fail "another run of this command is changing the cluster '$CLUSTER'; wait until it has ended"
}

lock_build() {
  mkdir -p "$CACHE"
  exec {BUILD_LOCK}>"$CACHE/build.lock"
  flock --nonblock "$BUILD_LOCK" ||
    fail "another run of this command is building in $CACHE; wait until it has ended"
}

unlock_build() { exec {BUILD_LOCK}>&-; }
