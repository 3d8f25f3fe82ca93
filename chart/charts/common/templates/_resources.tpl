{{/*
The resources of a container: what is set, else what the preset of that name holds.
Takes a dict: resources, preset.
*/}}
{{- define "common.resources" -}}
{{- if .resources -}}
{{- toYaml .resources -}}
{{- else -}}
{{- $presets := include "common.resources.presets" . | fromYaml -}}
{{- if ne .preset "none" -}}
{{- $preset := get $presets .preset -}}
{{- $_ := set $preset.requests "ephemeral-storage" "50Mi" -}}
{{- $_ := set $preset.limits "ephemeral-storage" "2Gi" -}}
{{- toYaml $preset -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "common.resources.presets" -}}
nano:
  requests: { cpu: 100m, memory: 128Mi }
  limits: { cpu: 150m, memory: 192Mi }
micro:
  requests: { cpu: 250m, memory: 256Mi }
  limits: { cpu: 375m, memory: 384Mi }
small:
  requests: { cpu: 500m, memory: 512Mi }
  limits: { cpu: 750m, memory: 768Mi }
medium:
  requests: { cpu: 500m, memory: 1024Mi }
  limits: { cpu: 750m, memory: 1536Mi }
large:
  requests: { cpu: '1.0', memory: 2048Mi }
  limits: { cpu: '1.5', memory: 3072Mi }
xlarge:
  requests: { cpu: '1.0', memory: 3072Mi }
  limits: { cpu: '3.0', memory: 6144Mi }
2xlarge:
  requests: { cpu: '1.0', memory: 3072Mi }
  limits: { cpu: '6.0', memory: 12288Mi }
{{- end -}}
