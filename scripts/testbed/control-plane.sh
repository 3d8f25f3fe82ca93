# The control plane: etcd, the API server, the controller manager and the scheduler on machine cp.
# shellcheck shell=bash

kubectl() { "$KUBE/kubectl" --kubeconfig "$KUBECONFIG_FILE" "$@"; }

api_is_ready() { kubectl get --raw /readyz --request-timeout=3s >/dev/null 2>&1; }

wait_for_api() {
  for _ in $(seq 240); do
    ! api_is_ready || return 0
    sleep 0.25
  done
  fail "the API server is not ready after a minute; its log is $RUN/cp/log/apiserver.log"
}

# The workers whose kubelet reports that all is well; none while the API server does not answer.
ready_workers() {
  { kubectl get nodes --no-headers --request-timeout=5s 2>/dev/null || true; } |
    awk '$2 == "Ready" {print $1}'
}

control_plane_services() {
  etcd_service
  apiserver_service
  controller_manager_service
  scheduler_service
}

# A machine that loses power keeps what the kernel has; only the host's own power loss could tell the
# difference that fsync makes, and a cluster does not outlive that.
etcd_service() {
  machine_service cp etcd "$INSIDE/bin/etcd" --name cp --data-dir /var/lib/etcd --unsafe-no-fsync \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster cp=http://127.0.0.1:2380
}

# What pods ask of the API server is written down, each request with the pod's name: a benchmark counts
# it. Nobody else's is, which would be most.
audit_policy() {
  cat >"$RUN/cp/etc/audit-policy.yaml" <<EOF
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    userGroups: ['system:serviceaccounts:kube-system']
  - level: Metadata
    userGroups: ['system:serviceaccounts']
  - level: None
EOF
}

apiserver_service() {
  local pki=$INSIDE_RUN/pki
  audit_policy
  machine_service cp apiserver "$INSIDE_KUBE/kube-apiserver" \
    --etcd-servers=http://127.0.0.1:2379 --advertise-address="$API_ADDRESS" \
    --bind-address=0.0.0.0 --secure-port=6443 \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --client-ca-file="$pki/ca.crt" --kubelet-certificate-authority="$pki/ca.crt" \
    --kubelet-client-certificate="$pki/apiserver-kubelet-client.crt" \
    --kubelet-client-key="$pki/apiserver-kubelet-client.key" \
    --kubelet-preferred-address-types=InternalIP,Hostname \
    --service-account-key-file="$pki/sa.pub" --service-account-signing-key-file="$pki/sa.key" \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-cluster-ip-range="$SERVICE_CIDR" --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --requestheader-client-ca-file="$pki/front-proxy-ca.crt" \
    --requestheader-allowed-names=front-proxy-client \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --requestheader-group-headers=X-Remote-Group \
    --requestheader-username-headers=X-Remote-User \
    --proxy-client-cert-file="$pki/front-proxy-client.crt" \
    --proxy-client-key-file="$pki/front-proxy-client.key" \
    --audit-policy-file=/etc/audit-policy.yaml --audit-log-path=/var/log/audit/audit.log \
    --audit-log-maxsize=200 --audit-log-maxbackup=2 \
    --default-not-ready-toleration-seconds=20 --default-unreachable-toleration-seconds=20
}

# A machine counts as lost after 12 s, not 50: people and tests watch this cluster.
controller_manager_service() {
  local pki=$INSIDE_RUN/pki
  local own=$pki/controller-manager
  machine_service cp controller-manager "$INSIDE_KUBE/kube-controller-manager" \
    --kubeconfig="$own.kubeconfig" --authentication-kubeconfig="$own.kubeconfig" \
    --authorization-kubeconfig="$own.kubeconfig" --client-ca-file="$pki/ca.crt" \
    --requestheader-client-ca-file="$pki/front-proxy-ca.crt" \
    --tls-cert-file="$own.crt" --tls-private-key-file="$own.key" --root-ca-file="$pki/ca.crt" \
    --service-account-private-key-file="$pki/sa.key" --use-service-account-credentials=true \
    --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" \
    --allocate-node-cidrs=false --service-cluster-ip-range="$SERVICE_CIDR" \
    --leader-elect=false --bind-address=0.0.0.0 \
    --node-monitor-period=2s --node-monitor-grace-period=12s
}

scheduler_service() {
  local own=$INSIDE_RUN/pki/scheduler
  machine_service cp scheduler "$INSIDE_KUBE/kube-scheduler" \
    --kubeconfig="$own.kubeconfig" --authentication-kubeconfig="$own.kubeconfig" \
    --authorization-kubeconfig="$own.kubeconfig" --tls-cert-file="$own.crt" \
    --tls-private-key-file="$own.key" --leader-elect=false --bind-address=0.0.0.0
}
