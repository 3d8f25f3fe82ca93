{{/*
The values of the pods. In replication one template serves all pods, so `master` and `replica` are
two names for the same values. This holds the defaults of those that are null in values.yaml.
*/}}
{{- define "regent.pod.defaults" -}}
configuration: ''
disableCommands: [FLUSHDB, FLUSHALL]
extraFlags: []
containerPorts:
  redis: 6379
extraEnvVars: []
extraEnvVarsCM: ''
extraEnvVarsSecret: ''
startupProbe:
  enabled: true
  initialDelaySeconds: 0
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 600
  successThreshold: 1
livenessProbe:
  enabled: true
  initialDelaySeconds: 0
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
  successThreshold: 1
readinessProbe:
  enabled: true
  initialDelaySeconds: 0
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
  successThreshold: 1
customStartupProbe: {}
customLivenessProbe: {}
customReadinessProbe: {}
resources: {}
resourcesPreset: none
podSecurityContext:
  enabled: true
  fsGroupChangePolicy: OnRootMismatch
  fsGroup: 999
containerSecurityContext:
  enabled: true
  runAsUser: 999
  runAsGroup: 999
  runAsNonRoot: true
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  seccompProfile:
    type: RuntimeDefault
  capabilities:
    drop: [ALL]
updateStrategy:
  type: RollingUpdate
minReadySeconds: 0
revisionHistoryLimit: 10
terminationGracePeriodSeconds: 45
priorityClassName: ''
schedulerName: ''
hostAliases: []
shareProcessNamespace: false
enableServiceLinks: false
automountServiceAccountToken: false
dnsPolicy: ''
dnsConfig: {}
podLabels: {}
podAnnotations: {}
podAffinityPreset: ''
podAntiAffinityPreset: soft
nodeAffinityPreset:
  type: ''
  key: ''
  values: []
affinity: {}
nodeSelector: {}
tolerations: []
topologySpreadConstraints: []
lifecycleHooks: {}
extraVolumes: []
extraVolumeMounts: []
sidecars: []
initContainers: []
extraPodSpec: {}
persistence:
  enabled: true
  medium: ''
  sizeLimit: ''
  path: /data
  subPath: ''
  subPathExpr: ''
  storageClass: ''
  accessModes: [ReadWriteOnce]
  size: 8Gi
  annotations: {}
  labels: {}
  selector: {}
  dataSource: {}
  existingClaim: ''
persistentVolumeClaimRetentionPolicy:
  enabled: false
  whenScaled: Retain
  whenDeleted: Retain
pdb:
  create: true
  minAvailable: null
  maxUnavailable: null
{{- end -}}

{{/* The values of the pods as YAML: set in `master` or `replica`, else the default. */}}
{{- define "regent.pod" -}}
{{- $defaults := include "regent.pod.defaults" . | fromYaml -}}
{{- $master := dict -}}
{{- $replica := dict -}}
{{- range $key := keys $defaults -}}
{{- $_ := set $master $key (index $.Values.master $key) -}}
{{- if eq $.Values.architecture "replication" -}}
{{- $_ := set $replica $key (index $.Values.replica $key) -}}
{{- end -}}
{{- end -}}
{{- $out := dict -}}
{{- $sources := dict "out" $out "defaults" $defaults "master" $master "replica" $replica "path" "" -}}
{{- include "regent.pod.combine" $sources -}}
{{- toYaml $out -}}
{{- end -}}

{{/* Fills `out` with each value from `master` or `replica`, else from `defaults`; maps key by key. */}}
{{- define "regent.pod.combine" -}}
{{- $at := . -}}
{{- range $key := concat (keys .defaults) (keys .master) (keys .replica) | uniq | sortAlpha -}}
{{- $default := index $at.defaults $key -}}
{{- $master := index $at.master $key -}}
{{- $replica := index $at.replica $key -}}
{{- $path := printf "%s.%s" $at.path $key -}}
{{- if and (kindIs "map" $default) $default -}}
{{- $inner := dict -}}
{{- $sources := dict "out" $inner "defaults" $default "path" $path -}}
{{- $_ := set $sources "master" (default dict $master) -}}
{{- $_ := set $sources "replica" (default dict $replica) -}}
{{- include "regent.pod.combine" $sources -}}
{{- $_ := set $at.out $key $inner -}}
{{- else -}}
{{- $inMaster := include "regent.pod.isSet" (dict "value" $master "default" $default) -}}
{{- $inReplica := include "regent.pod.isSet" (dict "value" $replica "default" $default) -}}
{{- if and $inMaster $inReplica (ne (toJson $master) (toJson $replica)) -}}
{{- $sentence := "master%s is %s and replica%s is %s: every pod can lead, so one template serves them all. Set it in one of the two, or equally in both" -}}
{{- include "regent.refuse" (printf $sentence $path (toJson $master) $path (toJson $replica)) -}}
{{- end -}}
{{- $_ := set $at.out $key (ternary $master (ternary $replica $default (eq $inReplica "true")) (eq $inMaster "true")) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether a value is set, as "true" or "". Empty counts as not set where the default is empty too. */}}
{{- define "regent.pod.isSet" -}}
{{- if kindIs "invalid" .value -}}
{{- else if or (kindIs "map" .value) (kindIs "slice" .value) (kindIs "string" .value) -}}
{{- if or .value .default -}}true{{- end -}}
{{- else -}}
true
{{- end -}}
{{- end -}}
