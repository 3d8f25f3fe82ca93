{{/*
The metadata of an object, from its second line on.
Takes a dict: context, name, component (optional), labels and annotations (optional).
*/}}
{{- define "regent.metadata" -}}
{{- $labels := default dict .labels -}}
{{- if .component -}}
{{- $labels = merge (dict "app.kubernetes.io/component" .component) $labels -}}
{{- end -}}
name: {{ .name | quote }}
namespace: {{ default (include "common.names.namespace" .context) .namespace | quote }}
labels:
{{- include "common.labels.standard" (dict "context" .context "labels" $labels) | nindent 2 }}
{{- with include "common.annotations" (dict "context" .context "annotations" (list .annotations)) }}
{{ . }}
{{- end }}
{{- end -}}
