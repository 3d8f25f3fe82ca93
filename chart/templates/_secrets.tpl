{{/*
A value that is kept in a Secret of the cluster: what is there already, else a new random one.
Takes a dict: secret, key, length, context. Under `helm template` nothing can be read.
*/}}
{{- define "regent.kept" -}}
{{- $found := lookup "v1" "Secret" (include "common.names.namespace" .context) .secret | default dict -}}
{{- $kept := get ($found.data | default dict) .key -}}
{{- if $kept -}}
{{- b64dec $kept -}}
{{- else -}}
{{- randAlphaNum .length -}}
{{- end -}}
{{- end -}}

{{/*
Redis' password, or nothing without authentication. A new random one is drawn once in a rendering and
remembered in the values, because two objects hold it.
*/}}
{{- define "regent.password" -}}
{{- $auth := .Values.auth -}}
{{- if and $auth.enabled (not (hasKey $auth "drawn")) -}}
{{- $kept := dict "secret" (include "regent.secret" .) "key" (include "regent.secretKey" .) "length" 24 "context" . -}}
{{- $given := default $auth.password .Values.global.redis.password -}}
{{- $_ := set $auth "drawn" (default (include "regent.kept" $kept) $given) -}}
{{- end -}}
{{- $auth.enabled | ternary (index $auth "drawn") "" -}}
{{- end -}}
