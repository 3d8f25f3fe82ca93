# Names, versions, folders and addresses: what the other parts take as given.
# shellcheck shell=bash disable=SC2034

KUBERNETES=1.35.8
ETCD=v3.6.14
HELM4=v4.2.4
HELM3=v3.21.4
CHART_TESTING=v3.14.0
PROVISIONER=v0.0.30
CRICTL=v1.36.0
KUBECONFORM=v0.7.0
HELM_DOCS=v1.14.2
HELM_UNITTEST=v1.1.2

# Of images whose content comes from Debian: the suite that holds these very versions.
IMAGE_SUITE=trixie
REDIS=8.0.2
VALKEY=8.1.1
NODE=24.21.0
EXPORTER=1.45.0

CACHE=${REGENT_CACHE:-${HOME:?}/.cache/regent}
# A second cluster can run beside the first under another name; its addresses follow from the name.
CLUSTER=${REGENT_CLUSTER:-regent}
MEMORY_MIB=${REGENT_MACHINE_MEMORY_MIB:-4096}
MACHINES_MAX=9

TOOLS=$CACHE/bin
IMAGES=$CACHE/images
LOGS=$CACHE/log
RUN=$CACHE/run/$CLUSTER

# The folder of one version's Kubernetes binaries; the default version lives among the tools.
kube_bin() {
  if [ "$KUBERNETES" = 1.35.8 ]; then echo "$TOOLS"; else echo "$TOOLS/kubernetes-$KUBERNETES"; fi
}

# First three bytes of the machines' network: .1 is the host, .10 the control plane, .11 n1.
NETWORK=10.89.0
[ "$CLUSTER" = regent ] || NETWORK=10.89.$(($(cksum <<<"$CLUSTER" | cut -d' ' -f1) % 250 + 1))
NETWORK=${REGENT_NETWORK:-$NETWORK}
API_ADDRESS=$NETWORK.10
SERVICE_CIDR=10.96.0.0/16
DNS_ADDRESS=10.96.0.10

machine_address() {
  if [ "$1" = cp ]; then echo "$API_ADDRESS"; else echo "$NETWORK.$((10 + ${1#n}))"; fi
}

pod_cidr() {
  if [ "$1" = cp ]; then echo 10.244.0.0/24; else echo "10.244.${1#n}.0/24"; fi
}

# How a machine sees the cache: the same folder, mounted where nothing of its own can hide it.
INSIDE=/run/regent
INSIDE_RUN=$INSIDE/run/$CLUSTER
