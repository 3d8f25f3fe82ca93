{{/*
The endpoints of a ServiceMonitor or a PodMonitor. Takes a dict: monitor (the values), ports (names).
*/}}
{{- define "regent.monitor.endpoints" -}}
{{- $monitor := .monitor -}}
{{- range .ports }}
- port: {{ . }}
  path: /metrics
  {{- range $field := list "interval" "scrapeTimeout" }}
  {{- with index $monitor $field }}
  {{ $field }}: {{ . | quote }}
  {{- end }}
  {{- end }}
  {{- if $monitor.honorLabels }}
  honorLabels: true
  {{- end }}
  {{- with $monitor.relabelings }}
  relabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $monitor.metricRelabelings }}
  metricRelabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}
