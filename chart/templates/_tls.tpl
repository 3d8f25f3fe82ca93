{{/* Encrypted connections. Each takes the root. */}}

{{- define "regent.tls.secret" -}}
{{- $made := printf "%s-crt" (include "common.names.fullname" .) -}}
{{- tpl (default $made .Values.tls.existingSecret) . -}}
{{- end -}}

{{/* The names that a certificate of the set is for, as a YAML list. */}}
{{- define "regent.tls.names" -}}
{{- $namespace := include "common.names.namespace" . -}}
{{- $services := list (include "regent.leaderService" .) -}}
{{- if eq .Values.architecture "replication" -}}
{{- $services = append $services (include "regent.replicasService" .) -}}
{{- end -}}
{{- $services = concat $services (list (include "regent.headless" .) (printf "*.%s" (include "regent.headless" .))) -}}
{{- range $services }}
- {{ . | quote }}
- {{ printf "%s.%s" . $namespace | quote }}
- {{ printf "%s.%s.svc" . $namespace | quote }}
- {{ printf "%s.%s.svc.%s" . $namespace $.Values.clusterDomain | quote }}
{{- end }}
- localhost
{{- range .Values.tls.extraNames }}
- {{ tpl . $ | quote }}
{{- end }}
{{- end -}}

{{/* The addresses that a certificate of the set is for, as a YAML list. */}}
{{- define "regent.tls.addresses" -}}
- 127.0.0.1
- '::1'
{{- end -}}

{{/* What to give a client that runs in a container with the certificates, as a JSON list. */}}
{{- define "regent.tls.clientArguments" -}}
{{- $folder := "/etc/regent/tls" -}}
{{- $files := list "--cacert" (printf "%s/ca.crt" $folder) "--cert" (printf "%s/tls.crt" $folder) "--key" (printf "%s/tls.key" $folder) -}}
{{- .Values.tls.enabled | ternary (prepend $files "--tls") list | toJson -}}
{{- end -}}

{{/* What `tls.authClients` is for Redis: yes, no or optional. */}}
{{- define "regent.tls.authClients" -}}
{{- kindIs "bool" .Values.tls.authClients | ternary (eq (toString .Values.tls.authClients) "true" | ternary "yes" "no") .Values.tls.authClients -}}
{{- end -}}

{{/*
The certificates as a volume, mounted whole, so that kubelet brings a changed Secret to the running
pod. The files have the same names wherever they come from.
*/}}
{{- define "regent.tls.volume" -}}
{{- $tls := .Values.tls -}}
- name: tls
  secret:
    secretName: {{ include "regent.tls.secret" . | quote }}
    defaultMode: 0440
    items:
      - key: {{ default "tls.crt" $tls.certFilename | quote }}
        path: tls.crt
      - key: {{ default "tls.key" $tls.certKeyFilename | quote }}
        path: tls.key
      - key: {{ default "ca.crt" $tls.certCAFilename | quote }}
        path: ca.crt
      {{- with $tls.dhParamsFilename }}
      - key: {{ . | quote }}
        path: dh.pem
      {{- end }}
{{- end -}}

{{- define "regent.tls.mount" -}}
- name: tls
  mountPath: /etc/regent/tls
  readOnly: true
{{- end -}}

{{/*
A socket in the pod, for its probes and its exporter. They need no certificate then, and an expired
one does not start Redis anew, which would cut the connections that still work.
*/}}
{{- define "regent.tls.socket" -}}
/run/redis/redis.sock
{{- end -}}

{{- define "regent.tls.socketMount" -}}
- name: socket
  mountPath: /run/redis
{{- end -}}

{{/* Both volumes, or nothing. */}}
{{- define "regent.tls.volumes" -}}
{{- if .Values.tls.enabled -}}
{{ include "regent.tls.volume" . }}
- name: socket
  emptyDir:
    medium: Memory
    sizeLimit: 1Mi
{{- end -}}
{{- end -}}

{{/* Both mounts of the redis container, or nothing. */}}
{{- define "regent.tls.mounts" -}}
{{- if .Values.tls.enabled -}}
{{ include "regent.tls.mount" . }}
{{ include "regent.tls.socketMount" . }}
{{- end -}}
{{- end -}}
