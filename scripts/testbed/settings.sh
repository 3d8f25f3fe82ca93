# Names, versions, folders and addresses: what the other parts take as given.
# shellcheck shell=bash disable=SC2034

KUBERNETES_DEFAULT=1.35.8
ETCD=v3.6.14
COREDNS=v1.14.7
NETWORK_POLICY=v1.6.1
PROVISIONER=v0.0.30
CRICTL=v1.36.0
HELM4=v4.2.4
HELM3=v3.21.4
CHART_TESTING=v3.14.0
KUBECONFORM=v0.7.0
HELM_DOCS=v1.14.2
HELM_UNITTEST=v1.1.2

# What images hold comes from this Debian, which has these very versions.
IMAGE_SUITE=trixie
REDIS=8.0.2
VALKEY=8.1.1
NODE=24.21.0
HAPROXY=3.0.11
EXPORTER=1.45.0
EXPORTER_SUITE=bookworm

CACHE=$(realpath -m "${REGENT_CACHE:-${HOME:?}/.cache/regent}")
TOOLS=$CACHE/bin
IMAGES=$CACHE/images
LOGS=$CACHE/log

# A second cluster can run beside the first under another name; its addresses follow from the name.
CLUSTER=${REGENT_CLUSTER:-regent}
RUN=$CACHE/run/$CLUSTER
MEMORY_MIB=${REGENT_MACHINE_MEMORY_MIB:-4096}
MACHINES_DEFAULT=3

# First three bytes of the machines' network: .1 is the host, .10 the control plane, .11 n1.
NETWORK=10.89.0
[ "$CLUSTER" = regent ] || NETWORK=10.89.$(($(cksum <<<"$CLUSTER" | cut -d' ' -f1) % 250 + 1))
NETWORK=${REGENT_NETWORK:-$NETWORK}
API_ADDRESS=$NETWORK.10
SERVICE_CIDR=10.96.0.0/16
API_SERVICE_ADDRESS=10.96.0.1
DNS_ADDRESS=10.96.0.10

# How a machine sees the cache: the same folder, mounted where nothing of its own can hide it.
INSIDE=/run/regent
INSIDE_RUN=$INSIDE/run/$CLUSTER

machine_address() {
  if [ "$1" = cp ]; then echo "$API_ADDRESS"; else echo "$NETWORK.$((10 + ${1#n}))"; fi
}

pod_cidr() {
  if [ "$1" = cp ]; then echo 10.244.0.0/24; else echo "10.244.${1#n}.0/24"; fi
}

# Takes one version of Kubernetes for all that follows. The default version lives among the tools,
# another one in a folder of its own.
use_kubernetes() {
  KUBERNETES=$1
  KUBE=$TOOLS
  [ "$1" = "$KUBERNETES_DEFAULT" ] || KUBE=$TOOLS/kubernetes-$1
  INSIDE_KUBE=$INSIDE/${KUBE#"$CACHE/"}
}

settings_check() {
  [[ $CLUSTER =~ ^[a-z][a-z0-9]{0,11}$ ]] ||
    refuse "REGENT_CLUSTER is '$CLUSTER'; allowed are 1 to 12 small letters and digits, a letter first"
  [[ $NETWORK =~ ^[0-9]{1,3}(\.[0-9]{1,3}){2}$ ]] ||
    refuse "REGENT_NETWORK is '$NETWORK'; allowed are the first three bytes of a network, such as 10.89.0"
  if ! [[ $MEMORY_MIB =~ ^[0-9]{3,6}$ ]] || [ "$MEMORY_MIB" -lt 512 ]; then
    refuse "REGENT_MACHINE_MEMORY_MIB is '$MEMORY_MIB'; allowed is a number of MiB from 512"
  fi
}
