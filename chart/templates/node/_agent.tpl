{{/* What runs the agent. Each takes a dict: context, pod. */}}

{{/* The beginning of the agent's command line. */}}
{{- define "regent.agent.command" -}}
[node, --jitless, --optimize-for-size, --max-semi-space-size=1, /opt/regent/regent]
{{- end -}}

{{/* The name that a pod has in DNS, with the pod's own name left to Kubernetes. */}}
{{- define "regent.agent.announceHost" -}}
$(POD_NAME).{{ include "regent.headless" . }}.{{ include "common.names.namespace" . }}.svc.{{ .Values.clusterDomain }}
{{- end -}}

{{- define "regent.agent.initArguments" -}}
- init
- --port={{ int64 .pod.containerPorts.redis }}
- --announce-host={{ include "regent.agent.announceHost" .context }}
- --config=/etc/regent/config/redis.conf
- --output=/run/regent/redis.conf
{{- if .context.Values.auth.enabled }}
- --password-file=/etc/regent/auth/password
{{- end }}
{{- if .context.Values.tls.enabled }}
- --tls-dir=/etc/regent/tls
- --tls-auth-clients={{ include "regent.tls.authClients" .context }}
{{- end }}
{{- end -}}

{{- define "regent.agent.runArguments" -}}
- run
- --pod=$(POD_NAME)
- --pod-uid=$(POD_UID)
- --pod-ip=$(POD_IP)
- --namespace={{ include "common.names.namespace" .context }}
- --set={{ include "common.names.fullname" .context }}
- --headless-service={{ include "regent.headless" .context }}
- --leader-service={{ include "regent.leaderService" .context }}
- --replicas={{ int64 .context.Values.replica.replicaCount }}
- --cluster-domain={{ .context.Values.clusterDomain }}
- --port={{ int64 .pod.containerPorts.redis }}
- --agent-port={{ int64 .context.Values.agent.port }}
{{- if .context.Values.auth.enabled }}
- --password-file=/etc/regent/auth/password
{{- end }}
- --peer-secret-file=/etc/regent/peers/secret
{{- if .context.Values.tls.enabled }}
- --tls-dir=/etc/regent/tls
- --peer-port={{ int64 .context.Values.agent.peerPort }}
{{- end }}
- --data-dir={{ .pod.persistence.path }}
{{- range $option, $choice := dict "durability" .context.Values.failover.durability "on-replica-loss" .context.Values.failover.onReplicaLoss }}
{{- with $choice }}
- --{{ $option }}={{ . }}
{{- end }}
{{- end }}
- --timing={{ .context.Values.failover.timing }}
{{- range $name, $_ := include "regent.timing" .context | fromYaml }}
{{- $value := index $.context.Values.failover $name }}
{{- if not (kindIs "invalid" $value) }}
- --{{ kebabcase $name }}={{ int64 $value }}
{{- end }}
{{- end }}
- --log-level={{ .context.Values.agent.logLevel }}
{{- end -}}

{{/* Environment of the agent's containers. No secret is in it. */}}
{{- define "regent.agent.environment" -}}
- name: PATH
  value: /opt/regent:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_UID
  valueFrom:
    fieldRef:
      fieldPath: metadata.uid
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
{{- with .context.Values.agent.extraEnvVars }}
{{ include "common.tplvalues.render" (dict "value" . "context" $.context) }}
{{- end }}
{{- end -}}

{{/* Mounts that both containers of the agent have. */}}
{{- define "regent.agent.mounts" -}}
{{- if not .context.Values.agent.image.builtIn }}
- name: agent
  mountPath: /opt/regent
  readOnly: true
{{- end }}
{{- if .context.Values.auth.enabled }}
- name: password
  mountPath: /etc/regent/auth
  readOnly: true
{{- end }}
{{- if .context.Values.tls.enabled }}
{{ include "regent.tls.mount" .context }}
{{- end }}
{{- with .context.Values.agent.extraVolumeMounts }}
{{ include "common.tplvalues.render" (dict "value" . "context" $.context) }}
{{- end }}
{{- end -}}

{{/* A GET request to the agent, as the action of a probe or a hook. */}}
{{- define "regent.agent.get" -}}
httpGet:
  path: {{ .path }}
  port: {{ int64 .context.Values.agent.port }}
{{- end -}}

{{/* Volumes of the pods in replication. */}}
{{- define "regent.agent.volumes" -}}
- name: configuration
  configMap:
    name: {{ include "regent.configMap" .context | quote }}
- name: run
  # In memory, for the rendered configuration holds the password.
  emptyDir:
    medium: Memory
    sizeLimit: 4Mi
{{- if not .context.Values.agent.image.builtIn }}
- name: agent
  configMap:
    name: {{ include "common.names.fullname" .context }}-agent
    defaultMode: 0555
{{- end }}
{{- if .context.Values.auth.enabled }}
{{ include "regent.pod.passwordVolume" .context }}
{{- end }}
{{- with include "regent.tls.volumes" .context }}
{{ . }}
{{- end }}
- name: peers
  secret:
    secretName: {{ include "regent.peerSecret" .context | quote }}
    defaultMode: 0440
    items:
      - key: peer-secret
        path: secret
# The token of the service account, mounted in the agent alone.
- name: kube-api-access
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: 3607
      - configMap:
          name: kube-root-ca.crt
          items:
            - key: ca.crt
              path: ca.crt
      - downwardAPI:
          items:
            - path: namespace
              fieldRef:
                fieldPath: metadata.namespace
{{- end -}}
