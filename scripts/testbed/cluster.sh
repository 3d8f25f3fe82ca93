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
  certificates_create >"$LOGS/certificates.log" 2>&1
  control_plane_services
  for machine in $(worker_names); do worker_services "$machine"; done
  say "starting the machines $(machine_names | tr '\n' ' ')"
  # shellcheck disable=SC2046 # one argument for each machine
  for_each machine_start $(machine_names)
}

cluster_wait() {
  local count ready=0 deployment
  count=$(worker_names | wc -l)
  wait_for_api
  say 'the API server is ready'
  kubectl apply -f "$TESTBED/manifests" >/dev/null
  for _ in $(seq 240); do
    ready=$(ready_workers | wc -l)
    [ "$ready" != "$count" ] || break
    sleep 0.5
  done
  [ "$ready" = "$count" ] || fail "$ready of $count machines are ready after 2 minutes; the logs are in $RUN/n*/log"
  say "$count machines are ready"
  for deployment in coredns local-path; do
    kubectl -n kube-system rollout status "deployment/$deployment" --timeout=120s >/dev/null
  done
}

# A cluster that is whole is left alone; one that a person has broken on purpose, too.
cluster_is_in_use() {
  local count=$1 running
  machine_is_on cp || return 1
  running=$(worker_names | wc -l)
  [ "$running" = "$count" ] ||
    fail "a cluster of $running machines is up already; remove it first with: cluster down"
  [ "$(cluster_kubernetes)" = "$KUBERNETES" ] ||
    fail "a cluster of Kubernetes $(cluster_kubernetes) is up already; remove it first with: cluster down"
  if ! cluster_is_touched && { ! api_is_ready || [ "$(ready_workers | wc -l)" != "$count" ]; }; then
    return 1
  fi
}

# Is there a machine that was cut off, frozen or turned off by one of our verbs?
cluster_is_touched() {
  local machine
  for machine in $(machine_names); do
    if [ -e "$RUN/$machine/off" ] || cgroup_is_frozen "$machine" ||
      [ "$(network_state "$machine")" != up ]; then
      return 0
    fi
  done
  return 1
}

cluster_kubernetes() { cat "$RUN/kubernetes" 2>/dev/null || echo "$KUBERNETES_DEFAULT"; }

cluster_up() {
  if [ -n "$(cluster_remains)" ]; then
    if cluster_is_in_use "$1"; then
      say 'the cluster is up already'
      status
      return
    fi
    say 'removing what an earlier run has left'
    cluster_remove
  fi
  network_is_free
  cluster_create "$1"
  cluster_wait
  say "the cluster is up; use it with: export KUBECONFIG=$KUBECONFIG_FILE"
}
