{{/* The alerts that come with the chart. What Prometheus fills in is kept from Helm by backquotes. */}}
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
- alert: RedisNoPrimary
  expr: (count(redis_instance_info{ {{- $pods -}} ,role="master"}) or vector(0)) == 0
  for: 30s
  labels:
    severity: critical
  annotations:
    summary: Nobody takes writes for {{ $set }}
    description: No Redis of the set has been primary for half a minute, far longer than a failover takes.
- alert: RedisTwoPrimaries
  expr: count(redis_instance_info{ {{- $pods -}} ,role="master"}) > 1
  for: 30s
  labels:
    severity: critical
  annotations:
    summary: More than one Redis of {{ $set }} is primary
    description: One of them is fenced and takes no writes, but it should have become a replica by now.
- alert: RedisReplicaCutOff
  expr: redis_master_link_up{ {{- $pods -}} } == 0
  for: 2m
  labels:
    severity: warning
  annotations:
    summary: {{ printf "The replica in pod {{ $labels.pod }} of %s has no link to its primary" $set | quote }}
    description: Its data grow old, and it cannot take over.
- alert: RedisTooFewReplicas
  expr: >-
    max(redis_connected_slaves{ {{- $pods -}} }) < {{ sub (int64 .Values.replica.replicaCount) 1 }}
  for: 10m
  labels:
    severity: warning
  annotations:
    summary: {{ $set }} has fewer replicas than it should
    description: The next failure may find nobody to take over.
{{- end }}
{{- end -}}
