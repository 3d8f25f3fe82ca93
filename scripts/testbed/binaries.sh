# The programs, built from their Go modules: Kubernetes, what a cluster needs beside it, and the
# tools for charts. Each module gets a go.mod of its own, because modules with replacements cannot be
# installed by name and version.
# shellcheck shell=bash

# Is there what `up` cannot do without?
binaries_are_there() {
  local file
  for file in "$KUBE/kubectl" "$TOOLS"/{etcd,netpol,coredns,local-path-provisioner}; do
    [ -x "$file" ] || return 1
  done
}

# Name, module, version, package, link flags, replacement; columns are parted by |
tool_list() {
  local new_helm=helm.sh/helm/v4 old_helm=helm.sh/helm/v3 ct=github.com/helm/chart-testing/v3
  local minor chart=$old_helm/pkg/chartutil
  minor=$(cut -d. -f2 <<<"$KUBERNETES_DEFAULT")
  cat <<EOF
etcd|go.etcd.io/etcd/server/v3|$ETCD|||
local-path-provisioner|github.com/rancher/local-path-provisioner|$PROVISIONER|||
crictl|sigs.k8s.io/cri-tools|$CRICTL|/cmd/crictl||
helm|$new_helm|$HELM4|/cmd/helm|-X $new_helm/internal/version.version=$HELM4|
helm3|$old_helm|$HELM3|/cmd/helm|-X $old_helm/internal/version.version=$HELM3 -X $chart.k8sVersionMajor=1 -X $chart.k8sVersionMinor=$minor|
ct|$ct|$CHART_TESTING|/ct|-X $ct/ct/cmd.Version=$CHART_TESTING|
kubeconform|github.com/yannh/kubeconform|$KUBECONFORM|/cmd/kubeconform||
helm-docs|github.com/norwoodj/helm-docs|$HELM_DOCS|/cmd/helm-docs||
helm-unittest|github.com/helm-unittest/helm-unittest|$HELM_UNITTEST|/cmd/helm-unittest||github.com/vmware-labs/yaml-jsonpath v0.3.2 => github.com/helm-unittest/yaml-jsonpath v0.4.0
EOF
}

# What Go keeps to go on after an interrupt is ten times what comes out of it. It goes when all is
# built, and what only Kubernetes has compiled goes before the rest is.
binaries_build() {
  mkdir -p "$TOOLS" "$KUBE"
  build_kubernetes
  build_own coredns github.com/coredns/coredns "$COREDNS"
  build_own netpol github.com/cloudnativelabs/kube-router "$NETWORK_POLICY"
  local name module version package flags replacement
  while IFS='|' read -r name module version package flags replacement <&3; do
    is_built "$TOOLS/$name" "$module" "$version" ||
      build_tool "$name" "$module" "$version" "$package" "$flags" "$replacement"
  done 3< <(tool_list)
  rm -rf "$CACHE/go" "$CACHE/build"
}

# A program tells which versions it was built from; that also finds those of an older checkout.
is_built() {
  [ -x "$1" ] && grep -qE "^\s(dep|mod)\s+$2\s+$3(\s|\$)" <<<"$(go version -m "$1")"
}

build_kubernetes() {
  local name
  is_built "$KUBE/kube" k8s.io/kubernetes "v$KUBERNETES" || {
    disk_check 6 "building Kubernetes"
    go_folder kube
    kubernetes_module >"$CACHE/build/kube/go.mod"
    go_build kube . "$KUBE/kube" "$(kubernetes_flags)"
    rm -rf "$CACHE/go/build"
  }
  for name in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
    ln -sfn kube "$KUBE/$name"
  done
}

kubernetes_flags() {
  local package minor
  minor=$(cut -d. -f2 <<<"$KUBERNETES")
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf '%s ' "-X $package.gitVersion=v$KUBERNETES" "-X $package.gitMajor=1" \
      "-X $package.gitMinor=$minor"
  done
}

# Kubernetes' own modules are published with versions of their own, and replaced by folders in its
# go.mod; here they are replaced by those versions.
kubernetes_module() {
  local module modules minor=${KUBERNETES#*.}
  local patch=${minor#*.} language=1.26
  minor=${minor%.*}
  [ "$minor" -ge 36 ] || language=1.25
  modules="api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider
    cluster-bootstrap code-generator component-base component-helpers controller-manager cri-api
    cri-client csi-translation-lib dynamic-resource-allocation endpointslice externaljwt kms
    kube-aggregator kube-controller-manager kube-proxy kube-scheduler kubectl kubelet metrics
    mount-utils pod-security-admission sample-apiserver sample-cli-plugin sample-controller"
  [ "$minor" -lt 36 ] || modules+=' cri-streaming streaming'
  printf 'module testbed/kube\n\ngo %s.0\n\ngodebug default=go%s\n\n' "$language" "$language"
  printf 'require k8s.io/kubernetes v%s\n\nreplace (\n' "$KUBERNETES"
  for module in $modules; do
    printf '\tk8s.io/%s => k8s.io/%s v0.%s.%s\n' "$module" "$module" "$minor" "$patch"
  done
  echo ')'
}

# A program whose source is here, around a module: build_own NAME MODULE VERSION
build_own() {
  is_built "$TOOLS/$1" "$2" "$3" || {
    go_folder "$1"
    go_module "$1" "$2" "$3"
    go_build "$1" . "$TOOLS/$1"
  }
}

# build_tool NAME MODULE VERSION PACKAGE FLAGS REPLACEMENT
build_tool() {
  go_folder "$1"
  go_module "$1" "$2" "$3" "${6:+replace $6}"
  go_build "$1" "$2$4" "$TOOLS/$1" "$5"
}

# go_module NAME MODULE VERSION [LINE]
go_module() {
  printf 'module testbed/%s\n\ngo 1.26.0\n\nrequire %s %s\n\n%s\n' "$1" "$2" "$3" "${4:-}" \
    >"$CACHE/build/$1/go.mod"
}

# An empty folder to build in, with our source in it when there is some.
go_folder() {
  rm -rf "$CACHE/build/$1"
  mkdir -p "$CACHE/build/$1"
  [ ! -d "$TESTBED/go/$1" ] || cp "$TESTBED/go/$1/"*.go "$CACHE/build/$1"
}

# go_build FOLDER PACKAGE OUTPUT [FLAGS]
go_build() {
  step "build-$1" "building $(basename "$3") in $(dirname "$3")" go_compile "$CACHE/build/$1" "$2" "$3" "${4:-}"
  mv "$3.part" "$3"
  rm -rf "$CACHE/build/$1"
}

# Modules and compiled packages lie in the cache too, so that it holds all that is made here.
go_compile() {
  cd "$1" || return
  export GOMODCACHE=$CACHE/go/modules GOCACHE=$CACHE/go/build
  # Go fetches a newer Go when a go.mod asks for one, also where a distribution has turned that off.
  export CGO_ENABLED=0 GOWORK=off GOFLAGS='-mod=mod -modcacherw' GOTOOLCHAIN=auto
  go build -trimpath -tags selinux,notest,grpcnotrace -ldflags "-s -w $4" -o "$3.part" "$2"
}

# Go from 1.21 fetches the version that a go.mod names by itself.
go_check() {
  local found
  command -v go >/dev/null ||
    refuse 'Go is needed to build Kubernetes and is not in PATH: install Go 1.21 or newer, see https://go.dev/doc/install'
  found=$(go env GOVERSION)
  [[ $found =~ ^go1\.(2[1-9]|[3-9][0-9]) ]] ||
    refuse "Go here is ${found#go}, and building Kubernetes needs 1.21 or newer: see https://go.dev/doc/install"
}
