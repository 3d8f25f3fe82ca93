# How the cluster is, for a person to read.
# shellcheck shell=bash

status() {
  local machine nodes=''
  [ -n "$(machine_names)" ] || fail "there is no cluster '$CLUSTER'; start one with: cluster up"
  printf 'cluster %s, Kubernetes %s, API server %s\nKUBECONFIG=%s\n\n' "$CLUSTER" \
    "$(cluster_kubernetes)" "$(api_state)" "$KUBECONFIG_FILE"
  nodes=$(kubectl get nodes --no-headers --request-timeout=3s 2>/dev/null) || true
  {
    echo 'MACHINE ADDRESS POWER NODE LINK'
    for machine in $(machine_names); do
      echo "$machine $(machine_address "$machine") $(power_state "$machine")" \
        "$(node_state "$machine" "$nodes") $(network_state "$machine" | tr ' ' '_')"
    done
  } | awk '{printf "%-8s %-12s %-7s %-9s %s\n", $1, $2, $3, $4, $5}' | tr _ ' '
}

api_state() { if api_is_ready; then echo ready; else echo 'does not answer'; fi; }

power_state() {
  if ! machine_is_on "$1"; then
    echo off
  elif cgroup_is_frozen "$1"; then
    echo frozen
  else
    echo on
  fi
}

# node_state MACHINE NODES: what the API server holds of it
node_state() {
  if [ "$1" = cp ]; then
    echo -
  else
    awk -v name="$1" '$1 == name {state = $2} END {print state ? state : "unknown"}' <<<"$2"
  fi
}
