{{/*
The exporter of Redis' metrics, in the pods of both architectures. Each takes a dict: context, pod;
and yields nothing when metrics are off.
*/}}

{{- define "regent.exporter.hasUser" -}}
{{- and .Values.metrics.enabled .Values.auth.enabled | ternary "true" "" -}}
{{- end -}}

{{/* Where the exporter finds Redis: with TLS at its socket, which needs no certificate. */}}
{{- define "regent.exporter.target" -}}
{{- if .context.Values.tls.enabled -}}
unix://{{ include "regent.tls.socket" .context }}
{{- else -}}
redis://127.0.0.1:{{ int64 .pod.containerPorts.redis }}
{{- end -}}
{{- end -}}

{{/* What the exporter's user may do: read, and look at the server. */}}
{{- define "regent.exporter.rights" -}}
-@all +@read +@connection -@dangerous +info +config|get +client|list +slowlog|get +slowlog|len +latency|latest +latency|histogram +memory|usage +cluster|info +module|list +eval
{{- end -}}

{{/*
Draws a password for the exporter's own user, at each start of the pod. So a changed password of
Redis is nothing to the exporter, which reads its file once, and the exporter cannot write. awk does
it, because every image has it.
*/}}
{{- define "regent.exporter.initContainer" -}}
{{- if include "regent.exporter.hasUser" .context }}
{{- $target := include "regent.exporter.target" . }}
- name: exporter-user
  {{- include "regent.pod.image" (dict "image" .context.Values.image "context" .context) | nindent 2 }}
  command:
    - awk
    - -v
    - rights={{ include "regent.exporter.rights" . }}
    - -v
    - address={{ $target }}
    - -v
    # Older exporters look for the address alone.
    - named={{ $target | replace "://" "://regent-exporter@" }}
    - |
      {
        printf "user regent-exporter on >%s ~* &* %s\n", $0, rights > "/run/exporter/user.conf"
        printf "{\"%s\": \"%s\", \"%s\": \"%s\"}", address, $0, named, $0 > "/run/exporter/password.json"
        exit
      }
    - /proc/sys/kernel/random/uuid
  {{- with include "regent.pod.resources" (dict "resources" .context.Values.metrics.resources "preset" .context.Values.metrics.resourcesPreset) }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  {{- with include "regent.pod.containerSecurity" . }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  volumeMounts:
    - name: exporter
      mountPath: /run/exporter
{{- end }}
{{- end -}}

{{/* The mount of the redis container, which learns the user from a file, or nothing. Takes the root. */}}
{{- define "regent.exporter.mount" -}}
{{- if include "regent.exporter.hasUser" . -}}
- name: exporter
  mountPath: /run/exporter
  readOnly: true
{{- end -}}
{{- end -}}

{{/* Arguments of the server that add the user, as a JSON list. Takes the root. */}}
{{- define "regent.exporter.serverArguments" -}}
{{- include "regent.exporter.hasUser" . | empty | ternary list (list "--include" "/run/exporter/user.conf") | toJson -}}
{{- end -}}

{{- define "regent.exporter.container" -}}
{{- $metrics := .context.Values.metrics -}}
{{- if and $metrics.enabled (not .context.Values.diagnosticMode.enabled) }}
- name: metrics
  {{- include "regent.pod.image" (dict "image" $metrics.image "context" .context) | nindent 2 }}
  args:
    - --redis.addr={{ include "regent.exporter.target" . }}
    - --web.listen-address=:{{ int64 $metrics.containerPorts.http }}
    {{- if include "regent.exporter.hasUser" .context }}
    - --redis.user=regent-exporter
    - --redis.password-file=/run/exporter/password.json
    {{- end }}
    {{- range $name, $value := $metrics.extraArgs }}
    - --{{ $name }}={{ $value }}
    {{- end }}
  {{- with $metrics.extraEnvVars }}
  env:
    {{- include "common.tplvalues.render" (dict "value" . "context" $.context) | nindent 4 }}
  {{- end }}
  ports:
    - name: metrics
      containerPort: {{ int64 $metrics.containerPorts.http }}
  livenessProbe:
    tcpSocket:
      port: metrics
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  {{- with include "regent.pod.resources" (dict "resources" $metrics.resources "preset" $metrics.resourcesPreset) }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  {{- $security := mustMergeOverwrite (deepCopy .pod.containerSecurityContext) $metrics.containerSecurityContext }}
  {{- with include "regent.pod.containerSecurity" (dict "context" .context "pod" (dict "containerSecurityContext" $security)) }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  {{- $hasUser := include "regent.exporter.hasUser" .context }}
  {{- if or $hasUser .context.Values.tls.enabled }}
  volumeMounts:
    {{- if $hasUser }}
    {{- include "regent.exporter.mount" .context | nindent 4 }}
    {{- end }}
    {{- if .context.Values.tls.enabled }}
    {{- include "regent.tls.socketMount" .context | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "regent.exporter.volume" -}}
{{- if include "regent.exporter.hasUser" .context }}
- name: exporter
  emptyDir:
    medium: Memory
    sizeLimit: 1Mi
{{- end }}
{{- end -}}
