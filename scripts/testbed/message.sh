# What the person who watches is told: progress with the elapsed time, and refusals in one sentence.
# shellcheck shell=bash

say() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }

# The command line or this machine is not fit for what was asked.
refuse() {
  printf '%s: %s\n' "${PROGRAM:-cluster}" "$*" >&2
  exit 2
}

# What was asked did not work.
fail() {
  printf '%s: %s\n' "${PROGRAM:-cluster}" "$*" >&2
  exit 1
}
