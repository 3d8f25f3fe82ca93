{{/*
A value in which templates are allowed, rendered as YAML. A string stays what it is.
Takes a dict: value, context.
*/}}
{{- define "common.tplvalues.render" -}}
{{- $text := kindIs "string" .value | ternary .value (toYaml .value) -}}
{{- if contains "{{" $text -}}
{{- tpl $text .context -}}
{{- else -}}
{{- $text -}}
{{- end -}}
{{- end -}}
