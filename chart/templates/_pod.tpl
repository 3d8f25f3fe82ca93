{{/*
What the pods of both architectures share. Each takes a dict: context (the root), pod (the values of
the pods, see _pod-values.tpl).
*/}}

{{/* Fields of the pod that say where and how it runs. */}}
{{- define "regent.pod.placement" -}}
{{- $pod := .pod -}}
{{- $context := .context -}}
{{- $images := list .context.Values.image .context.Values.agent.image -}}
{{- if .context.Values.metrics.enabled -}}
{{- $images = append $images .context.Values.metrics.image -}}
{{- end -}}
{{- with include "common.images.pullSecrets" (dict "images" $images "context" .context) -}}
{{ . }}
{{ end -}}
serviceAccountName: {{ include "regent.serviceAccount" .context }}
automountServiceAccountToken: false
enableServiceLinks: {{ $pod.enableServiceLinks }}
{{- if $pod.shareProcessNamespace }}
shareProcessNamespace: true
{{- end }}
terminationGracePeriodSeconds: {{ int64 $pod.terminationGracePeriodSeconds }}
{{- if $pod.podSecurityContext.enabled }}
securityContext:
  {{- include "common.securityContext" (dict "securityContext" $pod.podSecurityContext "context" .context) | nindent 2 }}
{{- end }}
{{- range $field := list "priorityClassName" "schedulerName" "dnsPolicy" }}
{{- with index $pod $field }}
{{ $field }}: {{ . | quote }}
{{- end }}
{{- end }}
{{- with include "regent.pod.affinity" . }}
affinity:
  {{- . | trim | nindent 2 }}
{{- end }}
{{- range $field := list "dnsConfig" "hostAliases" "nodeSelector" "tolerations" "topologySpreadConstraints" }}
{{- with index $pod $field }}
{{ $field }}:
  {{- include "common.tplvalues.render" (dict "value" . "context" $context) | nindent 2 }}
{{- end }}
{{- end }}
{{- with $pod.extraPodSpec }}
{{ include "common.tplvalues.render" (dict "value" . "context" $context) }}
{{- end }}
{{- end -}}

{{- define "regent.pod.affinity" -}}
{{- if .pod.affinity -}}
{{- include "common.tplvalues.render" (dict "value" .pod.affinity "context" .context) -}}
{{- else -}}
{{- $labels := include "regent.podSelector" .context | fromYaml -}}
{{- $together := include "common.affinities.pods" (dict "kind" "podAffinity" "preset" .pod.podAffinityPreset "labels" $labels) | fromYaml -}}
{{- $apart := include "common.affinities.pods" (dict "kind" "podAntiAffinity" "preset" .pod.podAntiAffinityPreset "labels" $labels) | fromYaml -}}
{{- $machines := include "common.affinities.machines" .pod.nodeAffinityPreset | fromYaml -}}
{{- with merge $together $apart $machines -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Labels and annotations of the pod. A changed configuration or agent starts the pods anew. */}}
{{- define "regent.pod.metadata" -}}
{{- $component := dict "app.kubernetes.io/component" (include "regent.component" .context) -}}
{{- $own := include "common.tplvalues.render" (dict "value" .pod.podLabels "context" .context) | fromYaml -}}
{{- $metrics := .context.Values.metrics.enabled | ternary .context.Values.metrics dict -}}
{{- $own = merge $own (include "common.tplvalues.render" (dict "value" (default dict $metrics.podLabels) "context" .context) | fromYaml) -}}
{{- $annotations := dict -}}
{{- range $name, $file := .checksums -}}
{{- $_ := set $annotations (printf "checksum/%s" $name) (include (print $.context.Template.BasePath $file) $.context | sha256sum) -}}
{{- end -}}
labels:
{{- include "common.labels.standard" (dict "context" .context "labels" (merge $component $own)) | nindent 2 }}
{{- with include "common.annotations" (dict "context" .context "annotations" (list $annotations .pod.podAnnotations $metrics.podAnnotations)) }}
{{ . }}
{{- end }}
{{- end -}}

{{/* The security context of a container, with its key, or nothing. */}}
{{- define "regent.pod.containerSecurity" -}}
{{- if .pod.containerSecurityContext.enabled -}}
securityContext:
  {{- include "common.securityContext" (dict "securityContext" .pod.containerSecurityContext "context" .context) | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* Resources with their key, or nothing. Takes a dict: resources, preset. */}}
{{- define "regent.pod.resources" -}}
{{- with include "common.resources" . -}}
resources:
  {{- . | trim | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* The image of a container and when to pull it. Takes a dict: image, context. */}}
{{- define "regent.pod.image" -}}
image: {{ include "common.images.image" (dict "image" .image "global" .context.Values.global) | quote }}
imagePullPolicy: {{ .image.pullPolicy }}
{{- end -}}

{{/* The pod's name as an environment variable, where the path of the data asks for it. */}}
{{- define "regent.pod.name" -}}
{{- if .pod.persistence.subPathExpr }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- end }}
{{- end -}}

{{/* Environment variables of the redis container, with their keys, or nothing. */}}
{{- define "regent.pod.environment" -}}
{{- if or .pod.extraEnvVars .pod.persistence.subPathExpr }}
env:
  {{- with include "regent.pod.name" . }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  {{- with .pod.extraEnvVars }}
  {{- include "common.tplvalues.render" (dict "value" . "context" $.context) | nindent 2 }}
  {{- end }}
{{- end }}
{{- if or .pod.extraEnvVarsCM .pod.extraEnvVarsSecret }}
envFrom:
  {{- with .pod.extraEnvVarsCM }}
  - configMapRef:
      name: {{ tpl . $.context | quote }}
  {{- end }}
  {{- with .pod.extraEnvVarsSecret }}
  - secretRef:
      name: {{ tpl . $.context | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Where the data are mounted. */}}
{{- define "regent.pod.dataMount" -}}
- name: redis-data
  mountPath: {{ .pod.persistence.path }}
  {{- with .pod.persistence.subPath }}
  subPath: {{ . | quote }}
  {{- end }}
  {{- with .pod.persistence.subPathExpr }}
  subPathExpr: {{ . | quote }}
  {{- end }}
{{- end -}}

{{/* The volume for the data where no claim is made for it, or nothing. */}}
{{- define "regent.pod.dataVolume" -}}
{{- $persistence := .pod.persistence -}}
{{- if not $persistence.enabled -}}
- name: redis-data
  {{- if or $persistence.medium $persistence.sizeLimit }}
  emptyDir:
    {{- with $persistence.medium }}
    medium: {{ . | quote }}
    {{- end }}
    {{- with $persistence.sizeLimit }}
    sizeLimit: {{ . | quote }}
    {{- end }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- else if $persistence.existingClaim -}}
- name: redis-data
  persistentVolumeClaim:
    claimName: {{ tpl $persistence.existingClaim .context | quote }}
{{- end -}}
{{- end -}}

{{/* What a StatefulSet says of claims, with its keys, or nothing. */}}
{{- define "regent.pod.claims" -}}
{{- $persistence := .pod.persistence -}}
{{- if and $persistence.enabled (not $persistence.existingClaim) -}}
{{- with .pod.persistentVolumeClaimRetentionPolicy }}
{{- if .enabled }}
persistentVolumeClaimRetentionPolicy:
  whenScaled: {{ .whenScaled }}
  whenDeleted: {{ .whenDeleted }}
{{- end }}
{{- end }}
volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata:
      name: redis-data
      # Only labels that never change: Kubernetes refuses a change of this template.
      labels:
        {{- include "regent.podSelector" .context | nindent 8 }}
        {{- with $persistence.labels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $persistence.annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      accessModes:
        {{- toYaml $persistence.accessModes | nindent 8 }}
      resources:
        requests:
          storage: {{ $persistence.size | quote }}
      {{- $global := .context.Values.global }}
      {{- with coalesce $persistence.storageClass $global.defaultStorageClass $global.storageClass }}
      storageClassName: {{ eq . "-" | ternary "" . | quote }}
      {{- end }}
      {{- with $persistence.selector }}
      selector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $persistence.dataSource }}
      dataSource:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
{{- end -}}

{{/* Whether there are users besides the default one, as "true" or "". */}}
{{- define "regent.users.enabled" -}}
{{- and .Values.auth.enabled .Values.auth.acl.enabled | ternary "true" "" -}}
{{- end -}}

{{/* The users of Redis as a volume and its mount, or nothing. Each takes the root. */}}
{{- define "regent.users.volume" -}}
{{- if include "regent.users.enabled" . -}}
- name: users
  secret:
    secretName: {{ include "regent.usersSecret" . | quote }}
    defaultMode: 0440
{{- end -}}
{{- end -}}

{{- define "regent.users.mount" -}}
{{- if include "regent.users.enabled" . -}}
- name: users
  mountPath: /etc/regent/users
  readOnly: true
{{- end -}}
{{- end -}}

{{/* The volume of Redis' password. */}}
{{- define "regent.pod.passwordVolume" -}}
- name: password
  secret:
    secretName: {{ include "regent.secret" . | quote }}
    defaultMode: 0440
    items:
      - key: {{ include "regent.secretKey" . | quote }}
        path: password
{{- end -}}

{{/* Gives the data to Redis' user, for storage that ignores `fsGroup`; or nothing. */}}
{{- define "regent.pod.permissionsContainer" -}}
{{- if and .context.Values.volumePermissions.enabled .pod.persistence.enabled }}
{{- $security := .pod.containerSecurityContext }}
- name: volume-permissions
  {{- include "regent.pod.image" (dict "image" .context.Values.image "context" .context) | nindent 2 }}
  {{- with include "regent.pod.name" . }}
  env:
    {{- . | trim | nindent 4 }}
  {{- end }}
  command: [chown, -R, '{{ int64 $security.runAsUser }}:{{ int64 .pod.podSecurityContext.fsGroup }}', {{ .pod.persistence.path }}]
  securityContext:
    runAsUser: 0
    runAsNonRoot: false
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    seccompProfile:
      type: RuntimeDefault
    capabilities:
      drop: [ALL]
      add: [CHOWN, DAC_READ_SEARCH]
  {{- with include "regent.pod.resources" (dict "resources" .context.Values.volumePermissions.resources "preset" "none") }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  volumeMounts:
    {{- include "regent.pod.dataMount" . | nindent 4 }}
{{- end }}
{{- end -}}
