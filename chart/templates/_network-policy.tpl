{{/*
Pods of other namespaces as a peer of a rule, or nothing.
Takes a dict: ingressNSMatchLabels, ingressNSPodMatchLabels.
*/}}
{{- define "regent.networkPolicy.others" -}}
{{- if or .ingressNSMatchLabels .ingressNSPodMatchLabels -}}
- namespaceSelector:
    matchLabels:
      {{- toYaml .ingressNSMatchLabels | nindent 6 }}
  {{- with .ingressNSPodMatchLabels }}
  podSelector:
    matchLabels:
      {{- toYaml . | nindent 6 }}
  {{- end }}
{{- end -}}
{{- end -}}
