{{/* One plain Redis. Each takes a dict: context, pod. */}}

{{- define "regent.standalone.arguments" -}}
{{- $arguments := list "/etc/regent/config/redis.conf" "--protected-mode" "no" -}}
{{- if .context.Values.auth.enabled -}}
{{- $arguments = concat $arguments (list "--include" "/run/regent/password.conf") -}}
{{- end -}}
{{- if .context.Values.tls.enabled -}}
{{- $folder := "/etc/regent/tls" -}}
{{- $arguments = concat $arguments (list "--port" "0" "--tls-port" (toString (int64 .pod.containerPorts.redis))) -}}
{{- range $option, $file := dict "cert" "tls.crt" "key" "tls.key" "ca-cert" "ca.crt" -}}
{{- $arguments = concat $arguments (list (printf "--tls-%s-file" $option) (printf "%s/%s" $folder $file)) -}}
{{- end -}}
{{- if .context.Values.tls.dhParamsFilename -}}
{{- $arguments = concat $arguments (list "--tls-dh-params-file" (printf "%s/dh.pem" $folder)) -}}
{{- end -}}
{{- $arguments = concat $arguments (list "--tls-auth-clients" (include "regent.tls.authClients" .context)) -}}
{{- $arguments = concat $arguments (list "--unixsocket" (include "regent.tls.socket" .context)) -}}
{{- end -}}
{{- $arguments = concat $arguments (include "regent.exporter.serverArguments" .context | fromJsonArray) -}}
{{- toJson $arguments -}}
{{- end -}}

{{/*
Redis takes its password from its configuration alone, so a line of it is written to memory. awk does
it, because the image has it and no shell is needed.
*/}}
{{- define "regent.standalone.initContainers" -}}
{{- with .pod.initContainers }}
{{- include "common.tplvalues.render" (dict "value" . "context" $.context) }}
{{- end }}
{{- include "regent.pod.permissionsContainer" . }}
{{- include "regent.exporter.initContainer" . }}
{{- if .context.Values.auth.enabled }}
- name: password
  {{- include "regent.pod.image" (dict "image" .context.Values.image "context" .context) | nindent 2 }}
  command:
    - awk
    - '{ gsub(/[\\"]/, "\\\\&"); printf "requirepass \"%s\"\n", $0 > "/run/regent/password.conf"; exit }'
    - /etc/regent/auth/password
  {{- with include "regent.pod.containerSecurity" . }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  volumeMounts:
    - name: password
      mountPath: /etc/regent/auth
      readOnly: true
    - name: run
      mountPath: /run/regent
{{- end }}
{{- end -}}

{{- define "regent.standalone.volumes" -}}
- name: configuration
  configMap:
    name: {{ include "regent.configMap" .context | quote }}
{{- if .context.Values.auth.enabled }}
- name: run
  # In memory, for it holds the password.
  emptyDir:
    medium: Memory
    sizeLimit: 1Mi
{{ include "regent.pod.passwordVolume" .context }}
{{- end }}
{{- with include "regent.tls.volumes" .context }}
{{ . }}
{{- end }}
{{- end -}}
