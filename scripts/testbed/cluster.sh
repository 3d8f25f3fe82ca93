# The cluster as a whole: how it starts, and how it goes without leaving anything.
# shellcheck shell=bash

# Machines of this cluster that are there, whole or in pieces, known to the run folder or not.
cluster_remains() {
  local folder
  {
    machine_names
    network_namespaces | sed "s/^$CLUSTER-//"
    for folder in $(cgroup_folders); do
      [ ! -d "$folder" ] || find "$folder" -mindepth 1 -maxdepth 1 -type d -printf '%f\n'
    done
  } | grep -xE 'cp|n[0-9]+' | sort -u || true
}

cluster_remove() {
  # shellcheck disable=SC2046 # one argument for each machine
  for_each machine_kill $(cluster_remains)
  cgroup_remove
  network_down
  rm -rf "$RUN"
}

cluster_create() {
  mkdir -p "$RUN"
  { echo cp && seq -f 'n%g' "$1"; } >"$RUN/machines"
  echo "$KUBERNETES" >"$RUN/kubernetes"
  network_up
  for machine in $(machine_names); do machine_create "$machine"; done
  step certificates 'making certificates' certificates_create
  control_plane_services
  for machine in $(worker_names); do worker_services "$machine"; done
  say "starting the machines $(machine_names | tr '\n' ' ')"
  # shellcheck disable=SC2046 # one argument for each machine
  for_each machine_start $(machine_names)
}

cluster_wait() {
  local deployment
  wait_for_api
  say 'the API server is ready'
  kubectl apply -f "$TESTBED/manifests" >/dev/null
  wait_for_workers
  say "$(worker_names | wc -l) machines are ready"
  for deployment in coredns local-path; do
    kubectl -n kube-system rollout status "deployment/$deployment" --timeout=120s >/dev/null
  done
  touch "$RUN/complete"
}

wait_for_workers() {
  local count ready=0
  count=$(worker_names | wc -l)
  for _ in $(seq 240); do
    ready=$(ready_workers | wc -l)
    [ "$ready" != "$count" ] || return 0
    sleep 0.5
  done
  fail "$ready of $count machines are ready after 2 minutes; the logs are in $RUN/n*/log"
}

# Do all parts live that a finished run has started, but for machines that were turned off? What was
# cut or frozen lives. Only what does not live may be cleared away without being asked.
cluster_lives() {
  local machine
  [ -e "$RUN/complete" ] && namespace_exists "$SWITCH" && ip link show "$HOST_LINK" >/dev/null 2>&1 ||
    return 1
  for machine in $(machine_names); do
    [ -e "$RUN/$machine/off" ] || { machine_is_on "$machine" && namespace_exists "$CLUSTER-$machine"; } ||
      return 1
  done
}

# Refuses to take a cluster that lives for another one; what was not asked for does not matter:
# cluster_must_match MACHINES KUBERNETES
cluster_must_match() {
  local running
  running=$(worker_names | wc -l)
  [ "${1:-$running}" = "$running" ] ||
    fail "a cluster of $running machines is up already; remove it first with: cluster down"
  [ "${2:-$KUBERNETES}" = "$KUBERNETES" ] ||
    fail "a cluster of Kubernetes $KUBERNETES is up already; remove it first with: cluster down"
}

# The first machine that a fault keeps from its work, with what helps it.
cluster_fault() {
  local machine verb
  for machine in $(machine_names); do
    verb=
    if [ -e "$RUN/$machine/off" ]; then
      verb=power-on
    elif cgroup_is_frozen "$machine"; then
      verb=thaw
    elif [ "$(network_state "$machine")" != up ]; then
      verb=heal
    fi
    if [ -n "$verb" ]; then
      echo "$verb $machine"
      return
    fi
  done
}

# A machine that has just been healed needs some seconds.
cluster_wait_whole() {
  local remedy
  remedy=$(cluster_fault)
  [ -z "$remedy" ] ||
    fail "the cluster is up and a fault is on; undo it with: cluster $remedy, or remove it with: cluster down"
  wait_for_api
  wait_for_workers
}

cluster_kubernetes() { cat "$RUN/kubernetes" 2>/dev/null || echo "$KUBERNETES_DEFAULT"; }

# Without a cluster that lives already: cluster_start MACHINES
cluster_start() {
  if [ -n "$(cluster_remains)" ]; then
    say 'removing what an earlier run has left'
    cluster_remove
  fi
  network_is_free
  cluster_create "$1"
  cluster_wait
}
