{{/* Names of the objects, which the agent and the users know. */}}

{{- define "regent.headless" -}}
{{ include "common.names.fullname" . }}-headless
{{- end -}}

{{- define "regent.leaderService" -}}
{{ include "common.names.fullname" . }}-master
{{- end -}}

{{- define "regent.replicasService" -}}
{{ include "common.names.fullname" . }}-replicas
{{- end -}}

{{/* The StatefulSet, which also is the beginning of the pods' names. */}}
{{- define "regent.statefulset" -}}
{{ include "common.names.fullname" . }}-{{ include "regent.component" . }}
{{- end -}}

{{- define "regent.component" -}}
{{ eq .Values.architecture "standalone" | ternary "master" "node" }}
{{- end -}}

{{- define "regent.serviceAccount" -}}
{{- $made := .Values.serviceAccount.create | ternary (include "common.names.fullname" .) "default" -}}
{{- default $made .Values.serviceAccount.name -}}
{{- end -}}

{{- define "regent.configMap" -}}
{{- $made := printf "%s-configuration" (include "common.names.fullname" .) -}}
{{- tpl (default $made .Values.existingConfigmap) . -}}
{{- end -}}

{{/* The Secret with Redis' password, and its key. */}}
{{- define "regent.secret" -}}
{{- tpl (default (include "common.names.fullname" .) .Values.auth.existingSecret) . -}}
{{- end -}}

{{- define "regent.secretKey" -}}
{{- if .Values.auth.existingSecret -}}
{{- tpl (default "redis-password" .Values.auth.existingSecretPasswordKey) . -}}
{{- else -}}
redis-password
{{- end -}}
{{- end -}}

{{/* The Secret that agents prove themselves to each other with. */}}
{{- define "regent.peerSecret" -}}
{{- $made := printf "%s-agent" (include "common.names.fullname" .) -}}
{{- tpl (default $made .Values.agent.existingSecret) . -}}
{{- end -}}

{{/* The Secret with the users besides the default one. */}}
{{- define "regent.usersSecret" -}}
{{- $made := printf "%s-users" (include "common.names.fullname" .) -}}
{{- tpl (default $made .Values.auth.acl.existingSecret) . -}}
{{- end -}}

{{/* Labels that select the pods of the set, as YAML. */}}
{{- define "regent.podSelector" -}}
{{ include "common.labels.matchLabels" . }}
app.kubernetes.io/component: {{ include "regent.component" . }}
{{- end -}}

{{/* What an image holds: redis or valkey. Server and client are named after it. */}}
{{- define "regent.engine" -}}
{{- if .Values.engine -}}
{{- .Values.engine -}}
{{- else -}}
{{- contains "valkey" .Values.image.repository | ternary "valkey" "redis" -}}
{{- end -}}
{{- end -}}
