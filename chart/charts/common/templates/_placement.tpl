{{/*
A pod affinity or anti-affinity to pods of the same set, by machine.
Takes a dict: kind (podAffinity or podAntiAffinity), preset (soft, hard or empty), labels.
*/}}
{{- define "common.affinities.pods" -}}
{{- $term := dict "labelSelector" (dict "matchLabels" .labels) "topologyKey" "kubernetes.io/hostname" -}}
{{- if eq .preset "soft" -}}
{{- $soft := list (dict "weight" 1 "podAffinityTerm" $term) -}}
{{- dict .kind (dict "preferredDuringSchedulingIgnoredDuringExecution" $soft) | toYaml -}}
{{- else if eq .preset "hard" -}}
{{- dict .kind (dict "requiredDuringSchedulingIgnoredDuringExecution" (list $term)) | toYaml -}}
{{- end -}}
{{- end -}}

{{/*
An affinity to machines with a label.
Takes the preset: type (soft, hard or empty), key, values.
*/}}
{{- define "common.affinities.machines" -}}
{{- $expression := dict "key" .key "operator" "In" "values" .values -}}
{{- $terms := dict "matchExpressions" (list $expression) -}}
{{- if eq .type "soft" -}}
{{- $soft := list (dict "weight" 1 "preference" $terms) -}}
{{- dict "nodeAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" $soft) | toYaml -}}
{{- else if eq .type "hard" -}}
{{- $hard := dict "nodeSelectorTerms" (list $terms) -}}
{{- dict "nodeAffinity" (dict "requiredDuringSchedulingIgnoredDuringExecution" $hard) | toYaml -}}
{{- end -}}
{{- end -}}
