{{/*
A security context without its switch `enabled`. On OpenShift the platform chooses the user: a user
or a group written here would be refused.
Takes a dict: securityContext, context.
*/}}
{{- define "common.securityContext" -}}
{{- $security := omit .securityContext "enabled" -}}
{{- if not $security.seLinuxOptions -}}
{{- $security = omit $security "seLinuxOptions" -}}
{{- end -}}
{{- $compatibility := ((.context.Values.global).compatibility).openshift | default dict -}}
{{- $adapt := $compatibility.adaptSecurityContext | default "auto" -}}
{{- $onOpenShift := .context.Capabilities.APIVersions.Has "security.openshift.io/v1" -}}
{{- if or (eq $adapt "force") (and (eq $adapt "auto") $onOpenShift) -}}
{{- $security = omit $security "fsGroup" "runAsUser" "runAsGroup" -}}
{{- end -}}
{{- toYaml $security -}}
{{- end -}}
