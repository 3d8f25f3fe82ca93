{{/*
The timing of failover. The numbers and the sentences are the agent's own (agent/core/timing.ts),
and a test holds them equal.
*/}}
{{- define "regent.timing.profiles" -}}
fast:
  renewPeriodMs: 800
  requestTimeoutMs: 800
  leaseDurationSeconds: 4
  fenceDeadlineMs: 2600
  fenceTimeoutMs: 400
  replicaLagSeconds: 1
  promiseMs: 3000
  beatTimeoutMs: 1500
default:
  renewPeriodMs: 1500
  requestTimeoutMs: 1200
  leaseDurationSeconds: 6
  fenceDeadlineMs: 4200
  fenceTimeoutMs: 500
  replicaLagSeconds: 2
  promiseMs: 5000
  beatTimeoutMs: 3000
calm:
  renewPeriodMs: 3000
  requestTimeoutMs: 3000
  leaseDurationSeconds: 15
  fenceDeadlineMs: 11000
  fenceTimeoutMs: 1000
  replicaLagSeconds: 5
  promiseMs: 12000
  beatTimeoutMs: 8000
{{- end -}}

{{/* The timing that is in force, as YAML: the profile with the single values laid over it. */}}
{{- define "regent.timing" -}}
{{- $timing := get (include "regent.timing.profiles" . | fromYaml) .Values.failover.timing -}}
{{- range $name, $_ := $timing -}}
{{- $value := index $.Values.failover $name -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $_ := set $timing $name $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $timing -}}
{{- end -}}

{{/* Refuses timings with which two leaders could write, or one lost request stops a leader. */}}
{{- define "regent.timing.validate" -}}
{{- $timing := include "regent.timing" . | fromYaml -}}
{{- $renew := int64 $timing.renewPeriodMs -}}
{{- $lease := int64 $timing.leaseDurationSeconds -}}
{{- $deadline := int64 $timing.fenceDeadlineMs -}}
{{- $lag := int64 $timing.replicaLagSeconds -}}
{{- $twoTries := add $renew (mul 2 (int64 $timing.requestTimeoutMs)) -}}
{{- $stopped := add $deadline (int64 $timing.fenceTimeoutMs) -}}
{{- $rival := mul $lease 980 -}}
{{- $promise := int64 $timing.promiseMs -}}
{{- $tries := add $twoTries (int64 $timing.fenceTimeoutMs) -}}
{{- if lt $renew 500 -}}
{{- include "regent.refuse" (printf "failover.renewPeriodMs (%d) must be at least 500: each renewal is a write to the API server" $renew) -}}
{{- end -}}
{{- if lt $deadline $twoTries -}}
{{- include "regent.refuse" (printf "failover.fenceDeadlineMs (%d) must be at least renewPeriodMs + 2 * requestTimeoutMs (%d): one lost request must not stop the leader" $deadline $twoTries) -}}
{{- end -}}
{{- if gt $stopped $rival -}}
{{- include "regent.refuse" (printf "failover.fenceDeadlineMs + fenceTimeoutMs (%d) must be at most 98 %% of leaseDurationSeconds (%d): a leader has to stop before another may start" $stopped $rival) -}}
{{- end -}}
{{- if gt (add $lag 2) $lease -}}
{{- include "regent.refuse" (printf "failover.replicaLagSeconds + 2 (%d) must be at most leaseDurationSeconds (%d): Redis' own fence has to close before another leader may start" (add $lag 2) $lease) -}}
{{- end -}}
{{- if lt (mul $promise 98) (mul $tries 100) -}}
{{- include "regent.refuse" (printf "failover: 98 %% of promiseMs (%d) must be at least renewPeriodMs + 2 * requestTimeoutMs + fenceTimeoutMs (%d): a promise has to outlast the tries to renew" $promise $tries) -}}
{{- end -}}
{{- if gt $promise (mul $lease 1000) -}}
{{- include "regent.refuse" (printf "failover.promiseMs (%d) must be at most leaseDurationSeconds (%d ms): a member that restarts forgets its promise, and waits a lease duration instead" $promise (mul $lease 1000)) -}}
{{- end -}}
{{- end -}}

{{/* Refuses what contradicts itself, by the sentence of the agent (agent/core/durability.ts). */}}
{{- define "regent.durability.validate" -}}
{{- if and (eq .Values.failover.durability "strict") (eq .Values.failover.onReplicaLoss "degrade") -}}
{{- include "regent.refuse" "failover: durability strict with onReplicaLoss degrade: strict never lowers what a write needs; allowed is block" -}}
{{- end -}}
{{- end -}}
