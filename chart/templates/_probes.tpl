{{/*
One probe with its key, or nothing: the user's own, else the chart's when it is on.
Takes a dict: key, custom, settings, action (YAML), context.
*/}}
{{- define "regent.probe" -}}
{{- if .custom -}}
{{ .key }}:
  {{- include "common.tplvalues.render" (dict "value" .custom "context" .context) | nindent 2 }}
{{- else if .settings.enabled -}}
{{ .key }}:
  {{- .action | nindent 2 }}
  {{- toYaml (omit .settings "enabled") | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* Asks Redis whether it says anything at all, as the action of a probe. Takes a dict: context, pod. */}}
{{- define "regent.probes.answers" -}}
{{- $address := list "-h" "127.0.0.1" "-p" (toString (int64 .pod.containerPorts.redis)) -}}
{{- if .context.Values.tls.enabled -}}
{{- $address = list "-s" (include "regent.tls.socket" .context) -}}
{{- end -}}
{{- $cli := printf "%s-cli" (include "regent.engine" .context) -}}
{{- dict "exec" (dict "command" (concat (list $cli) $address (list "ping"))) | toYaml -}}
{{- end -}}

{{/*
The probes of the redis container. Takes a dict: context, pod, ready (the action of the readiness
probe).

Liveness asks Redis itself whether it says anything at all: an error, or that it still loads, is
an answer. It does not ask the agent, because a restart of the agent must not restart Redis.
*/}}
{{- define "regent.probes.redis" -}}
{{- if not .context.Values.diagnosticMode.enabled -}}
{{- $answers := include "regent.probes.answers" . -}}
{{ include "regent.probe" (dict "key" "startupProbe" "custom" .pod.customStartupProbe "settings" .pod.startupProbe "action" $answers "context" .context) }}
{{ include "regent.probe" (dict "key" "livenessProbe" "custom" .pod.customLivenessProbe "settings" .pod.livenessProbe "action" $answers "context" .context) }}
{{ include "regent.probe" (dict "key" "readinessProbe" "custom" .pod.customReadinessProbe "settings" .pod.readinessProbe "action" .ready "context" .context) }}
{{- end -}}
{{- end -}}
