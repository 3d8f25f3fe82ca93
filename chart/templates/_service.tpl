{{/*
The IP families of a Service, or nothing.
Takes a dict: service (the values that win), context.
*/}}
{{- define "regent.service.families" -}}
{{- $values := .context.Values -}}
{{- with default $values.ipFamilyPolicy (.service | default dict).ipFamilyPolicy -}}
ipFamilyPolicy: {{ . }}
{{ end -}}
{{- with default $values.ipFamilies (.service | default dict).ipFamilies -}}
ipFamilies:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/*
The spec of a Service for clients, but for its selector.
Takes a dict: service (the values), families (YAML), targetPort, context.
*/}}
{{- define "regent.service.spec" -}}
{{- $service := .service -}}
{{- $outside := ne $service.type "ClusterIP" -}}
type: {{ $service.type }}
internalTrafficPolicy: {{ $service.internalTrafficPolicy }}
sessionAffinity: {{ $service.sessionAffinity }}
{{- with $service.sessionAffinityConfig }}
sessionAffinityConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $outside }}
externalTrafficPolicy: {{ $service.externalTrafficPolicy }}
{{- end }}
{{- with .families }}
{{ . | trim }}
{{- end }}
{{- with $service.clusterIP }}
clusterIP: {{ . | quote }}
{{- end }}
{{- if eq $service.type "LoadBalancer" }}
{{- with $service.loadBalancerIP }}
loadBalancerIP: {{ . | quote }}
{{- end }}
{{- with $service.loadBalancerClass }}
loadBalancerClass: {{ . | quote }}
{{- end }}
{{- with $service.loadBalancerSourceRanges }}
loadBalancerSourceRanges:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with $service.externalIPs }}
externalIPs:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: tcp-redis
    port: {{ int64 $service.ports.redis }}
    targetPort: {{ .targetPort }}
    {{- if and $outside $service.nodePorts.redis }}
    nodePort: {{ int64 $service.nodePorts.redis }}
    {{- end }}
  {{- with $service.extraPorts }}
  {{- include "common.tplvalues.render" (dict "value" . "context" $.context) | nindent 2 }}
  {{- end }}
{{- end -}}
