{{/*
The full reference of an image. A digest wins over a tag.
Takes a dict: image (registry, repository, tag, digest), global.
*/}}
{{- define "common.images.image" -}}
{{- $registry := default .image.registry (.global | default dict).imageRegistry -}}
{{- $repository := .image.repository -}}
{{- if $registry -}}
{{- $repository = printf "%s/%s" $registry $repository -}}
{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (toString .image.tag) -}}
{{- end -}}
{{- end -}}

{{/*
The imagePullSecrets block of a pod, or nothing. Each entry may be a name or a map with a name.
Takes a dict: images (a list), context.
*/}}
{{- define "common.images.pullSecrets" -}}
{{- $context := .context -}}
{{- $entries := (.context.Values.global | default dict).imagePullSecrets | default list -}}
{{- range .images -}}
{{- $entries = concat $entries (.pullSecrets | default list) -}}
{{- end -}}
{{- $names := list -}}
{{- range $entries -}}
{{- $name := kindIs "map" . | ternary (get (kindIs "map" . | ternary . dict) "name") . -}}
{{- $names = append $names (include "common.tplvalues.render" (dict "value" $name "context" $context)) -}}
{{- end -}}
{{- if $names -}}
imagePullSecrets:
{{- range uniq $names }}
  - name: {{ . | quote }}
{{- end }}
{{- end -}}
{{- end -}}
