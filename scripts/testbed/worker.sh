# What runs on a worker: containerd, kubelet, kube-proxy and the NetworkPolicy controller.
# shellcheck shell=bash

worker_services() {
  local machine=$1 etc=$RUN/$1/etc pki=$INSIDE_RUN/pki
  containerd_config >"$etc/containerd.toml"
  pod_network_config "$machine" >"$etc/cni/net.d/10-pods.conflist"
  kubelet_config "$machine" >"$etc/kubelet.yaml"
  kube_proxy_config "$machine" >"$etc/kube-proxy.yaml"
  machine_service "$machine" containerd containerd --config /etc/containerd.toml
  # kubelet starts when the images are there, else it would look for them at a registry.
  # A machine has a /tmp and a /var of its own, and the checkout may lie in the host's.
  cp "$TESTBED/kubelet-start.sh" "$RUN/$machine/kubelet-start.sh"
  machine_service "$machine" kubelet bash "$INSIDE_RUN/$machine/kubelet-start.sh" "$INSIDE/images" \
    "$INSIDE_KUBE/kubelet" --config=/etc/kubelet.yaml --kubeconfig="$pki/kubelet-$machine.kubeconfig" \
    --hostname-override="$machine" --node-ip="$(machine_address "$machine")" --v=2
  machine_service "$machine" kube-proxy "$INSIDE_KUBE/kube-proxy" --config=/etc/kube-proxy.yaml --v=2
  # It ends when its node is not registered yet, and is started again.
  machine_service "$machine" network-policy "$INSIDE/bin/netpol" \
    --kubeconfig="$pki/kube-proxy.kubeconfig" --hostname-override="$machine" \
    --service-cluster-ip-range="$SERVICE_CIDR" --iptables-sync-period=30s
}

# restrict_oom_score_adj: in a container or a small virtual machine even root may not lower it.
containerd_config() {
  cat <<'EOF'
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.opt",
]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  enable_unprivileged_ports = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
EOF
}

pod_network_config() {
  cat <<EOF
{
  "cniVersion": "0.4.0",
  "name": "pods",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "cni0",
      "isGateway": true,
      "ipMasq": false,
      "hairpinMode": true,
      "mtu": 1500,
      "ipam": {
        "type": "host-local",
        "dataDir": "/var/lib/cni/networks",
        "ranges": [[{"subnet": "$(pod_cidr "$1")"}]],
        "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
EOF
}

kubelet_config() {
  local pki=$INSIDE_RUN/pki
  cat <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 0.0.0.0
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true, cacheTTL: 30s}
  x509: {clientCAFile: $pki/ca.crt}
authorization: {mode: Webhook}
tlsCertFile: $pki/kubelet-$1.crt
tlsPrivateKeyFile: $pki/kubelet-$1.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /
cgroupsPerQOS: true
enforceNodeAllocatable: [pods]
clusterDNS: [$DNS_ADDRESS]
clusterDomain: cluster.local
failSwapOn: false
failCgroupV1: false
oomScoreAdj: 0
resolvConf: /etc/resolv.conf
nodeStatusUpdateFrequency: 4s
nodeStatusReportFrequency: 1m
imageGCHighThresholdPercent: 100
evictionHard:
  memory.available: 100Mi
  nodefs.available: "1%"
  nodefs.inodesFree: "1%"
  imagefs.available: "1%"
kubeReserved: {cpu: 50m, memory: 128Mi}
maxPods: 60
serializeImagePulls: false
rotateCertificates: false
EOF
}

kube_proxy_config() {
  cat <<EOF
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $INSIDE_RUN/pki/kube-proxy.kubeconfig}
hostnameOverride: $1
bindAddress: 0.0.0.0
mode: iptables
clusterCIDR: 10.244.0.0/16
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
iptables: {minSyncPeriod: 1s, syncPeriod: 30s}
EOF
}
