{{/*
The exporter of Redis' metrics, in the pods of both architectures. Each takes a dict: context, pod;
and yields nothing when metrics are off.
*/}}

{{- define "regent.exporter.needsPassword" -}}
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

{{/*
Writes the password in the form that the exporter reads from a file: JSON, by address. awk does it,
because the exporter takes the bare password from its environment alone, where it would be shown.
*/}}
{{- define "regent.exporter.initContainer" -}}
{{- if include "regent.exporter.needsPassword" .context }}
- name: exporter-password
  {{- include "regent.pod.image" (dict "image" .context.Values.image "context" .context) | nindent 2 }}
  command:
    - awk
    - -v
    - address={{ include "regent.exporter.target" . }}
    - '{ gsub(/[\\"]/, "\\\\&"); printf "{\"%s\": \"%s\"}", address, $0 > "/run/exporter/password.json"; exit }'
    - /etc/regent/auth/password
  {{- with include "regent.pod.resources" (dict "resources" .context.Values.metrics.resources "preset" .context.Values.metrics.resourcesPreset) }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  {{- with include "regent.pod.containerSecurity" . }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  volumeMounts:
    - name: password
      mountPath: /etc/regent/auth
      readOnly: true
    - name: exporter
      mountPath: /run/exporter
{{- end }}
{{- end -}}

{{- define "regent.exporter.container" -}}
{{- $metrics := .context.Values.metrics -}}
{{- if and $metrics.enabled (not .context.Values.diagnosticMode.enabled) }}
- name: metrics
  {{- include "regent.pod.image" (dict "image" $metrics.image "context" .context) | nindent 2 }}
  args:
    - --redis.addr={{ include "regent.exporter.target" . }}
    - --web.listen-address=:{{ int64 $metrics.containerPorts.http }}
    {{- if include "regent.exporter.needsPassword" .context }}
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
  {{- $needsPassword := include "regent.exporter.needsPassword" .context }}
  {{- if or $needsPassword .context.Values.tls.enabled }}
  volumeMounts:
    {{- if $needsPassword }}
    - name: exporter
      mountPath: /run/exporter
      readOnly: true
    {{- end }}
    {{- if .context.Values.tls.enabled }}
    {{- include "regent.tls.socketMount" .context | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "regent.exporter.volume" -}}
{{- if include "regent.exporter.needsPassword" .context }}
- name: exporter
  emptyDir:
    medium: Memory
    sizeLimit: 1Mi
{{- end }}
{{- end -}}
