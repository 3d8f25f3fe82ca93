# Certificate authorities, certificates and kubeconfigs of the cluster.
# shellcheck shell=bash

PKI=$RUN/pki
KUBECONFIG_FILE=$RUN/kubeconfig

authority() {
  openssl ecparam -genkey -name prime256v1 -noout -out "$PKI/$1.key"
  openssl req -x509 -new -key "$PKI/$1.key" -subj "/CN=$2" -days 3650 -out "$PKI/$1.crt"
}

# certificate FILE AUTHORITY SUBJECT [ALTERNATIVE-NAMES]
certificate() {
  local extensions="keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth,clientAuth"
  [ -z "${4:-}" ] || extensions+=$'\n'"subjectAltName=$4"
  openssl ecparam -genkey -name prime256v1 -noout -out "$PKI/$1.key"
  openssl req -new -key "$PKI/$1.key" -subj "$3" |
    openssl x509 -req -CA "$PKI/$2.crt" -CAkey "$PKI/$2.key" -set_serial "0x$(openssl rand -hex 16)" \
      -days 3650 -out "$PKI/$1.crt" -extfile <(echo "$extensions")
}

# kubeconfig USER FILE: for the holder of the certificate PKI/USER.crt
kubeconfig() {
  cat >"$2" <<EOF
apiVersion: v1
kind: Config
clusters:
  - name: $CLUSTER
    cluster:
      server: https://$API_ADDRESS:6443
      certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")
users:
  - name: $1
    user:
      client-certificate-data: $(base64 -w0 "$PKI/$1.crt")
      client-key-data: $(base64 -w0 "$PKI/$1.key")
contexts:
  - name: $CLUSTER
    context: {cluster: $CLUSTER, user: $1}
current-context: $CLUSTER
EOF
  chmod 600 "$2"
}

# client USER SUBJECT [ALTERNATIVE-NAMES]: a certificate and a kubeconfig with it
client() {
  certificate "$1" ca "$2" "${3:-}"
  kubeconfig "$1" "$PKI/$1.kubeconfig"
}

certificates_create() {
  local machine names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc
  names+=,DNS:kubernetes.default.svc.cluster.local,DNS:localhost
  names+=,IP:${SERVICE_CIDR%.0/*}.1,IP:$API_ADDRESS,IP:127.0.0.1
  mkdir -p "$PKI"
  chmod 700 "$PKI"
  authority ca kubernetes
  authority front-proxy-ca front-proxy
  openssl genrsa -out "$PKI/sa.key" 2048
  openssl rsa -in "$PKI/sa.key" -pubout -out "$PKI/sa.pub"
  certificate apiserver ca /CN=kube-apiserver "$names"
  certificate apiserver-kubelet-client ca /O=system:masters/CN=kube-apiserver-kubelet-client
  certificate front-proxy-client front-proxy-ca /CN=front-proxy-client
  client admin /O=system:masters/CN=kubernetes-admin
  client controller-manager /CN=system:kube-controller-manager DNS:localhost,IP:127.0.0.1
  client scheduler /CN=system:kube-scheduler DNS:localhost,IP:127.0.0.1
  client kube-proxy /CN=system:kube-proxy
  for machine in $(machine_names); do
    [ "$machine" = cp ] || client "kubelet-$machine" "/O=system:nodes/CN=system:node:$machine" \
      "DNS:$machine,IP:$(machine_address "$machine")"
  done
  cp -p "$PKI/admin.kubeconfig" "$KUBECONFIG_FILE"
}
