{{/* The labels that select, which never change in the life of a release. */}}
{{- define "common.labels.matchLabels" -}}
app.kubernetes.io/name: {{ include "common.names.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/*
All labels of an object, as YAML.
Takes a dict: context (the root), labels (further labels; those of commonLabels are added here).
The labels that select win over a common label of the same name.
*/}}
{{- define "common.labels.standard" -}}
{{- $standard := include "common.labels.matchLabels" .context | fromYaml -}}
{{- $_ := set $standard "app.kubernetes.io/managed-by" .context.Release.Service -}}
{{- $_ := set $standard "app.kubernetes.io/version" (.context.Chart.AppVersion | replace "+" "_") -}}
{{- $_ := set $standard "helm.sh/chart" (include "common.names.chart" .context) -}}
{{- $common := include "common.tplvalues.render" (dict "value" .context.Values.commonLabels "context" .context) | fromYaml -}}
{{- merge $standard (.labels | default dict) $common | toYaml -}}
{{- end -}}

{{/*
The annotations of an object as a block with its key, or nothing.
Takes a dict: context, annotations (a list of maps that may hold templates; the first one wins).
*/}}
{{- define "common.annotations" -}}
{{- $all := dict -}}
{{- $context := .context -}}
{{- range concat (.annotations | default list) (list .context.Values.commonAnnotations) -}}
{{- if . -}}
{{- $all = merge $all (include "common.tplvalues.render" (dict "value" . "context" $context) | fromYaml) -}}
{{- end -}}
{{- end -}}
{{- if $all -}}
annotations:
{{- toYaml $all | nindent 2 }}
{{- end -}}
{{- end -}}
