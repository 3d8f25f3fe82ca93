{{/* The alerts that come with the chart. What Prometheus fills in is kept from Helm by printf. */}}
{{- define "regent.alerts" -}}
{{- $set := include "common.names.fullname" . -}}
{{- $pods := printf "namespace=%q,pod=~%q" (include "common.names.namespace" .) (printf "%s-[0-9]+" (include "regent.statefulset" .)) -}}
- alert: RedisDown
  expr: redis_up{ {{- $pods -}} } == 0
  for: 1m
  labels:
    severity: warning
  annotations:
    summary: {{ printf "Redis in pod {{ $labels.pod }} of %s does not answer" $set | quote }}
    description: Its exporter has had no answer for a minute.
{{- if eq .Values.architecture "replication" }}
- alert: RegentNoLeader
  expr: (sum(regent_is_leader{ {{- $pods -}} }) or vector(0)) == 0
  for: 30s
  labels:
    severity: critical
  annotations:
    summary: Nobody takes writes for {{ $set }}
    description: No pod of the set has led for half a minute, far longer than a failover takes.
- alert: RegentTwoLeaders
  expr: sum(regent_is_leader{ {{- $pods -}} }) > 1
  for: 1m
  labels:
    severity: critical
  annotations:
    summary: More than one pod of {{ $set }} says that it leads
    description: Two readings a moment apart can show this during a hand-over, but not for a minute.
- alert: RegentLeaderMovesOften
  expr: max(changes(regent_term{ {{- $pods -}} }[30m])) > 6
  labels:
    severity: warning
  annotations:
    summary: {{ $set }} changes its leader again and again
    description: Look for pods that are killed, an API server that answers slowly, or a timing that is too tight.
- alert: RegentApiServerAway
  expr: sum(increase(regent_lease_write_seconds_count{ {{- $pods -}} ,result="unreachable"}[5m])) > 3
  for: 5m
  labels:
    severity: warning
  annotations:
    summary: The agents of {{ $set }} cannot reach the API server
    description: The set cannot move its leader as long as this lasts.
- alert: RegentAgentStalls
  expr: sum by (pod) (increase(regent_event_loop_stall_seconds_count{ {{- $pods -}} }[10m])) > 5
  labels:
    severity: warning
  annotations:
    summary: {{ printf "The agent in pod {{ $labels.pod }} of %s stands still again and again" $set | quote }}
    description: It gets too little of a processor. An agent that stands still for long loses the leadership.
- alert: RegentTooFewReplicas
  expr: max(regent_streaming_replicas{ {{- $pods -}} }) < {{ sub (int64 .Values.replica.replicaCount) 1 }}
  for: 10m
  labels:
    severity: warning
  annotations:
    summary: {{ $set }} has fewer replicas than it should
    description: The next failure may find nobody to take over.
- alert: RedisReplicaCutOff
  expr: redis_master_link_up{ {{- $pods -}} } == 0
  for: 2m
  labels:
    severity: warning
  annotations:
    summary: {{ printf "The replica in pod {{ $labels.pod }} of %s has no link to its primary" $set | quote }}
    description: Its data grow old, and it cannot take over.
{{- end }}
{{- end -}}
