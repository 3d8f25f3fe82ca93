#!/bin/bash
# Imports the images that containerd does not have from an earlier start, then becomes kubelet.
# usage, inside a machine: kubelet-start.sh IMAGES-FOLDER KUBELET OPTIONS...
set -euo pipefail
images=$1
shift
until [ -S /run/containerd/containerd.sock ]; do sleep 0.1; done
if [ ! -e /var/lib/containerd/imported ]; then
  for archive in "$images"/*.oci.tar; do
    ctr --namespace k8s.io images import "$archive"
  done
  touch /var/lib/containerd/imported
fi
exec "$@"
