# The container images, made without Docker and without a registry. They carry the names of the
# official images that the chart names by default, and hold Debian's builds of the same versions.
# shellcheck shell=bash

# What the images of Node and of both databases have in common.
BASE_PACKAGES=ca-certificates,libstdc++6

IMAGE_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

NODE_PROGRAM=$ROOT/node_modules/node/bin/node

images_are_there() {
  local name
  for name in redis valkey node busybox exporter haproxy pause coredns local-path-provisioner; do
    [ -s "$IMAGES/$name.oci.tar" ] || return 1
  done
}

# Writes IMAGES/NAME.oci.tar: image NAME REFERENCE CONFIG LAYER...
image() {
  local name=$1 reference=$2 config=$3 layers=()
  shift 3
  local layer
  for layer in "$@"; do layers+=("$IMAGES/layers/$layer.tar"); done
  [[ $config == *'"Env"'* ]] || config="{\"Env\": [\"PATH=$IMAGE_PATH\"], ${config#?}"
  "$NODE_PROGRAM" "$TESTBED/oci.ts" "$IMAGES/$name.oci.tar" "$reference" "$config" "${layers[@]}"
}

# A layer archive with a small Debian in it: debian_layer NAME PACKAGES [OPTION OF MMDEBSTRAP...]
debian_layer() {
  local archive=$IMAGES/layers/$1.tar packages=$2
  shift 2
  [ ! -s "$archive" ] || return 0
  mmdebstrap --quiet --variant=essential --include="$packages" --format=tar \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$@" "$IMAGE_SUITE" - >"$archive.part"
  mv "$archive.part" "$archive"
}

# Makes a layer smaller by what the layer below it has already: layer_difference BELOW WHOLE NAME.
# Images that share the lower one are imported in a fraction of the time.
layer_difference() {
  local archive=$IMAGES/layers/$3.tar folder side
  folder=$(mktemp -d "$IMAGES/layers/.folder-XXXXXX")
  for side in "$1" "$2"; do
    mkdir "$folder/$side"
    tar -C "$folder/$side" -xpf "$IMAGES/layers/$side.tar"
    find "$folder/$side" -mindepth 1 -printf '%P\t%y\t%m\t%U\t%G\t%s\t%T@\t%l\n' | sort >"$folder/$side.list"
  done
  comm -13 "$folder/$1.list" "$folder/$2.list" | cut -f1 |
    tar -C "$folder/$2" --no-recursion --numeric-owner -T - -cf "$archive.part"
  rm -rf "$folder"
  mv "$archive.part" "$archive"
}

# A layer archive out of files: file_layer NAME PATH-IN-IMAGE SOURCE [PATH SOURCE]...
file_layer() {
  local archive=$IMAGES/layers/$1.tar folder
  shift
  folder=$(mktemp -d "$IMAGES/layers/.folder-XXXXXX")
  while [ $# -gt 0 ]; do
    install -D "$2" "$folder$1"
    shift 2
  done
  chmod 755 "$folder"
  tar -C "$folder" --owner=0 --group=0 -cf "$archive.part" .
  rm -rf "$folder"
  mv "$archive.part" "$archive"
}

# One file of a package of a Debian that need not be this machine's: debian_file SUITE PACKAGE PATH NAME
debian_file() {
  local out=$IMAGES/layers/$4
  [ ! -s "$out" ] || return 0
  mmdebstrap --quiet --variant=extract --include="$2" --format=tar "$1" - >"$out.tar.part"
  tar -xOf "$out.tar.part" ".$3" >"$out.part"
  rm "$out.tar.part"
  chmod 755 "$out.part"
  mv "$out.part" "$out"
}

# A command that adds a user and a group of the same number: user_hook NAME NUMBER HOME SHELL. It
# comes before Debian's own packages would add that user with a number of their choice.
user_hook() {
  echo "echo '$1:x:$2:$2::$3:$4' >>\"\$1/etc/passwd\" && echo '$1:x:$2:' >>\"\$1/etc/group\""
}

# The user, the data folder and the entry point that the official images of both databases have.
database_layer() {
  local name=$1 link
  local links=()
  for link in server cli benchmark check-aof check-rdb sentinel; do
    links+=("ln -s ../../bin/$name-$link \"\$1/usr/local/bin/$name-$link\"")
    [ "$name" = redis ] || links+=("ln -s $name-$link \"\$1/usr/local/bin/redis-$link\"")
  done
  local joined
  joined=$(printf '%s && ' "${links[@]}")
  debian_layer "$name-whole" "$BASE_PACKAGES,$name-server,$name-tools" \
    --essential-hook="$(user_hook "$name" 999 /data /usr/sbin/nologin)" \
    --customize-hook="mkdir -p \"\$1/data\" && chown 999:999 \"\$1/data\"" \
    --customize-hook="$joined true" \
    --customize-hook="chroot \"\$1\" $name-server --version >'$IMAGES/layers/$name.version'"
  layer_difference base "$name-whole" "$name"
  rm "$IMAGES/layers/$name-whole.tar"
}

build_database() {
  local name=$1 reference=$2 config
  base_layer
  database_layer "$name"
  file_layer "$name-entrypoint" /usr/local/bin/docker-entrypoint.sh \
    "$TESTBED/image/$name-entrypoint.sh"
  config="{\"Entrypoint\": [\"docker-entrypoint.sh\"], \"Cmd\": [\"$name-server\"],
    \"WorkingDir\": \"/data\", \"Volumes\": {\"/data\": {}}, \"ExposedPorts\": {\"6379/tcp\": {}}}"
  image "$name" "$reference" "$config" base "$name" "$name-entrypoint"
}

base_layer() {
  debian_layer base "$BASE_PACKAGES" \
    --essential-hook="$(user_hook node 1000 /home/node /bin/bash)" \
    --customize-hook="mkdir -p \"\$1/home/node\" && chown 1000:1000 \"\$1/home/node\""
}

build_node() {
  base_layer
  file_layer node /usr/local/bin/node "$NODE_PROGRAM"
  image node "docker.io/library/node:$NODE-slim" '{"Cmd": ["node"]}' base node
}

build_exporter() {
  base_layer
  debian_file "$EXPORTER_SUITE" prometheus-redis-exporter /usr/bin/prometheus-redis-exporter redis_exporter
  file_layer exporter /redis_exporter "$IMAGES/layers/redis_exporter"
  image exporter "docker.io/oliver006/redis_exporter:v$EXPORTER" \
    '{"Entrypoint": ["/redis_exporter"], "User": "59000:59000", "ExposedPorts": {"9121/tcp": {}}}' \
    base exporter
}

# What benchmarks put before a set that has no Service of its own for the primary.
build_haproxy() {
  base_layer
  debian_layer haproxy-whole "$BASE_PACKAGES,haproxy" \
    --customize-hook="ln -s ../../sbin/haproxy \"\$1/usr/local/sbin/haproxy\"" \
    --customize-hook="chroot \"\$1\" haproxy -v >'$IMAGES/layers/haproxy.version'"
  layer_difference base haproxy-whole haproxy
  rm "$IMAGES/layers/haproxy-whole.tar"
  image haproxy "docker.io/library/haproxy:$HAPROXY" \
    '{"Cmd": ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"], "User": "99:99", "StopSignal": "SIGUSR1"}' \
    base haproxy
}

build_busybox() {
  debian_file "$IMAGE_SUITE" busybox-static /usr/bin/busybox busybox
  local folder applet
  folder=$(mktemp -d "$IMAGES/layers/.folder-XXXXXX")
  install -D "$IMAGES/layers/busybox" "$folder/bin/busybox"
  for applet in $("$IMAGES/layers/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$folder/bin/$applet"
  done
  mkdir -m 1777 "$folder/tmp"
  chmod 755 "$folder"
  tar -C "$folder" --owner=0 --group=0 -cf "$IMAGES/layers/busybox.tar" .
  rm -rf "$folder"
  image busybox docker.io/library/busybox:1.36 '{"Cmd": ["sh"]}' busybox
}

build_pause() {
  gcc -Os -static -s -o "$IMAGES/layers/pause" "$TESTBED/image/pause.c"
  file_layer pause /pause "$IMAGES/layers/pause"
  image pause localhost/pause:1 '{"Entrypoint": ["/pause"], "User": "65535:65535"}' pause
}

# The image of the agent with the agent built in, as the Dockerfile makes it.
build_agent() {
  local files=$IMAGES/layers/agent version config
  version=$(sed -nE 's/^  "version": "(.*)",$/\1/p' "$ROOT/package.json")
  "$NODE_PROGRAM" "$ROOT/scripts/build.ts" "$files"
  base_layer
  file_layer agent /opt/regent/regent "$files/regent" \
    /opt/regent/regent.cjs.br "$files/regent.cjs.br" /opt/regent/probe.cjs "$files/probe.cjs"
  config="{\"Entrypoint\": [\"node\", \"--jitless\", \"--optimize-for-size\", \"--max-semi-space-size=1\", \"/opt/regent/regent\"],
    \"User\": \"1000:1000\", \"Env\": [\"PATH=/opt/regent:$IMAGE_PATH\"]}"
  image agent "localhost/regent-agent:$version" "$config" base node agent
}

# An image that holds one static program.
build_program() {
  file_layer "$1" "/$1" "$TOOLS/$1"
  image "$1" "localhost/$1:1" "{\"Entrypoint\": [\"/$1\"], \"User\": \"65534:65534\"}" "$1"
}

build_image() {
  set -e
  case $1 in
    redis) build_database redis "docker.io/library/redis:$REDIS" ;;
    valkey) build_database valkey "docker.io/valkey/valkey:$VALKEY" ;;
    node) build_node ;;
    exporter) build_exporter ;;
    haproxy) build_haproxy ;;
    busybox) build_busybox ;;
    pause) build_pause ;;
    agent) build_agent ;;
    *) build_program "$1" ;;
  esac
}

images_build() {
  local name
  mkdir -p "$IMAGES/layers"
  # What an interrupted run was about to make.
  rm -rf "$IMAGES"/.oci-* "$IMAGES"/layers/.folder-*
  for name in pause busybox coredns local-path-provisioner node exporter haproxy redis valkey; do
    [ -s "$IMAGES/$name.oci.tar" ] || step "image-$name" "image of $name" build_image "$name"
  done
  version_check redis "$REDIS"
  version_check valkey "$VALKEY"
  version_check haproxy "$HAPROXY"
  # It changes with the checkout, so it is made anew each time.
  step image-agent 'image of the agent' build_image agent
}

# Debian may move on within its release; the name of the image must stay the one of the chart.
version_check() {
  grep -qE "( v=|version )$2[ -]" "$IMAGES/layers/$1.version" ||
    say "note: the image $1:$2 holds what Debian has now: $(cat "$IMAGES/layers/$1.version")"
}
