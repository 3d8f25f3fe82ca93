# The cluster as a whole: up, down, and how it is.
# shellcheck shell=bash

# One command at a time changes a cluster. LOCK is the descriptor that holds the lock.
cluster_lock() {
  mkdir -p "$CACHE/run"
  exec {LOCK}>"$CACHE/run/$CLUSTER.lock"
  flock --nonblock "$LOCK" ||
    fail "another run of this command is changing the cluster '$CLUSTER'; wait for it to end"
}

# Removes whatever there is of a cluster, whole or in pieces.
cluster_remove() {
  local machine
  for machine in $(cluster_remains); do machine_kill "$machine" & done
  wait
  cgroup_remove
  network_down
  rm -rf "$RUN"
}

# Machines that a run has left behind, known to the run folder or not.
cluster_remains() {
  local folder
  {
    machine_names
    for folder in $(cgroup_folders); do
      [ ! -d "$folder" ] || find "$folder" -mindepth 1 -maxdepth 1 -type d -printf '%f\n'
    done
  } | sort -u
}

cluster_create() {
  local count=$1 machine starting=()
  mkdir -p "$RUN"
  printf '%s\n' cp $(seq -f 'n%g' "$count") >"$RUN/machines"
  network_up
  for machine in $(machine_names); do machine_create "$machine"; done
  certificates_create 2>"$RUN/certificates.log" >&2
  control_plane_services
  for machine in $(machine_names); do
    [ "$machine" = cp ] || worker_services "$machine"
  done
  say "starting the machines $(machine_names | tr '\n' ' ')"
  for machine in $(machine_names); do
    machine_start "$machine" &
    starting+=($!)
  done
  for machine in "${starting[@]}"; do wait "$machine"; done
}

wait_for_cluster() {
  local count=$1 deployment attempt
  wait_for_api
  say 'the API server is ready'
  kubectl apply -f "$TESTBED/manifests" >/dev/null
  for attempt in $(seq 180); do
    [ "$(ready_machines)" != "$count" ] || break
    [ "$attempt" != 180 ] || fail "only $(ready_machines) of $count machines are ready after 90 s"
    sleep 0.5
  done
  say "all $count machines are ready"
  for deployment in coredns local-path; do
    kubectl -n kube-system rollout status "deployment/$deployment" --timeout=90s >/dev/null
  done
}

ready_machines() { kubectl get nodes --no-headers --request-timeout=5s 2>/dev/null | grep -c ' Ready ' || true; }

cluster_up() {
  local count=$1
  if [ -n "$(cluster_remains)" ]; then
    ! cluster_is_whole "$count" || return 0
    say 'removing what an earlier run has left'
    cluster_remove
  fi
  cluster_create "$count"
  wait_for_cluster "$count"
  say "the cluster is up; use it with: export KUBECONFIG=$KUBECONFIG_FILE"
}

cluster_is_whole() {
  [ -e "$KUBECONFIG_FILE" ] && api_is_ready && [ "$(ready_machines)" = "$1" ] &&
    say "the cluster is up already; use it with: export KUBECONFIG=$KUBECONFIG_FILE"
}
