{{/*
Stops with a sentence. `helm lint` only logs what `fail` says and goes on, so a second call, which
fails there too, makes the sentence an error in every command.
*/}}
{{- define "regent.refuse" -}}
{{- fail . -}}
{{- mustToDate "" . -}}
{{- end -}}

{{/* Refuses what cannot work together. What a single value may be is in values.schema.json. */}}
{{- define "regent.validate" -}}
{{- $pod := include "regent.pod" . | fromYaml -}}
{{- include "regent.validate.names" . -}}
{{- include "regent.validate.auth" . -}}
{{- include "regent.validate.users" . -}}
{{- include "regent.validate.configMap" . -}}
{{- include "regent.validate.aclFile" (dict "context" . "pod" $pod) -}}
{{- include "regent.validate.tls" . -}}
{{- include "regent.validate.images" . -}}
{{- include "regent.validate.families" . -}}
{{- include "regent.validate.commands" (dict "commands" $pod.disableCommands) -}}
{{- include "regent.validate.disruption" $pod -}}
{{- if eq .Values.architecture "replication" -}}
{{- include "regent.timing.validate" . -}}
{{- include "regent.durability.validate" . -}}
{{- include "regent.validate.replication" (dict "context" . "pod" $pod) -}}
{{- end -}}
{{- end -}}

{{- define "regent.validate.names" -}}
{{- $fullname := include "common.names.fullname" . -}}
{{- if gt (len $fullname) 47 -}}
{{- include "regent.refuse" (printf "the set's name %q has %d characters and may have 47, because Kubernetes adds to it: use a shorter release name, or set fullnameOverride" $fullname (len $fullname)) -}}
{{- end -}}
{{- end -}}

{{- define "regent.validate.auth" -}}
{{- $auth := .Values.auth -}}
{{- $password := default $auth.password .Values.global.redis.password -}}
{{- if and $auth.existingSecret $password -}}
{{- include "regent.refuse" (printf "auth.existingSecret is %q and a password is set too: leave out auth.password and global.redis.password, or the name of the Secret" $auth.existingSecret) -}}
{{- end -}}
{{- if and $auth.existingSecretPasswordKey (not $auth.existingSecret) -}}
{{- include "regent.refuse" (printf "auth.existingSecretPasswordKey is %q without auth.existingSecret: name the Secret too" $auth.existingSecretPasswordKey) -}}
{{- end -}}
{{- if and $password (regexMatch "[\\r\\n]" $password) -}}
{{- include "regent.refuse" "auth.password has more than one line: a password is one line" -}}
{{- end -}}
{{- end -}}

{{/* A ConfigMap of the user's takes the place of all that becomes a line of redis.conf. */}}
{{- define "regent.validate.configMap" -}}
{{- if .Values.existingConfigmap -}}
{{- range $group, $values := dict "master" .Values.master "replica" .Values.replica -}}
{{- range $key := list "configuration" "disableCommands" "extraFlags" -}}
{{- if index $values $key -}}
{{- include "regent.refuse" (printf "existingConfigmap is %q and %s.%s is set too: write its lines into that ConfigMap, or leave existingConfigmap out" $.Values.existingConfigmap $group $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.auth.acl.enabled -}}
{{- include "regent.refuse" (printf "existingConfigmap is %q and auth.acl.enabled is true: write the users into that ConfigMap, or leave existingConfigmap out" .Values.existingConfigmap) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Redis takes users from an `aclfile`, or from lines of its configuration, but not from both. */}}
{{- define "regent.validate.aclFile" -}}
{{- $lines := printf "%s\n%s" .context.Values.commonConfiguration .pod.configuration -}}
{{- if regexMatch "(?mi)^\\s*aclfile\\s" $lines -}}
{{- range $name, $makesUsers := dict "metrics.enabled" (include "regent.exporter.hasUser" .context) "auth.acl.enabled" (include "regent.users.enabled" .context) -}}
{{- if $makesUsers -}}
{{- include "regent.refuse" (printf "the configuration has an aclfile and %s is true: Redis takes users from an aclfile or from redis.conf, not from both. Write them in auth.acl instead of the aclfile" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A user's fields become words of one line. */}}
{{- define "regent.validate.users" -}}
{{- $acl := .Values.auth.acl -}}
{{- if and $acl.enabled (not .Values.auth.enabled) -}}
{{- include "regent.refuse" "auth.acl.enabled is true and auth.enabled is false: everybody would be the default user, who may do everything" -}}
{{- end -}}
{{- if and $acl.enabled (not $acl.users) (not $acl.existingSecret) -}}
{{- include "regent.refuse" "auth.acl.enabled is true without users: write auth.acl.users or auth.acl.existingSecret" -}}
{{- end -}}
{{- range $index, $user := $acl.users -}}
{{- range $key, $value := $user -}}
{{- if not (has $key (list "username" "password" "enabled" "commands" "keys" "channels")) -}}
{{- include "regent.refuse" (printf "auth.acl.users[%d] has %q: allowed are username, password, enabled, commands, keys and channels" $index $key) -}}
{{- end -}}
{{- if and (ne $key "password") (regexMatch "[\\r\\n\"']" (toString $value)) -}}
{{- include "regent.refuse" (printf "auth.acl.users[%d].%s is %q: quotes and line ends are not allowed" $index $key (toString $value)) -}}
{{- end -}}
{{- end -}}
{{- if not (regexMatch "^[^ ]+$" (toString (default "" .username))) -}}
{{- include "regent.refuse" (printf "auth.acl.users[%d].username is %q: a name without spaces is needed" $index (toString (default "" .username))) -}}
{{- end -}}
{{- if eq .username "regent-exporter" -}}
{{- include "regent.refuse" (printf "auth.acl.users[%d].username is \"regent-exporter\": the exporter of the metrics has that name, give others another one" $index) -}}
{{- end -}}
{{- if eq .username "default" -}}
{{- include "regent.refuse" (printf "auth.acl.users[%d].username is \"default\": the agent logs in as that user, give others a name" $index) -}}
{{- end -}}
{{- if not (has (toString (default "on" .enabled)) (list "on" "off")) -}}
{{- include "regent.refuse" (printf "auth.acl.users[%d].enabled is %q: allowed are \"on\" and \"off\", in quotes" $index (toString .enabled)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "regent.validate.tls" -}}
{{- $tls := .Values.tls -}}
{{- $sources := list -}}
{{- range $name, $isSet := dict "tls.autoGenerated" $tls.autoGenerated "tls.existingSecret" $tls.existingSecret "tls.certManager.enabled" $tls.certManager.enabled -}}
{{- if $isSet -}}
{{- $sources = append $sources $name -}}
{{- end -}}
{{- end -}}
{{- if $tls.enabled -}}
{{- if not $sources -}}
{{- include "regent.refuse" "tls.enabled is true without a certificate: set tls.autoGenerated, or tls.existingSecret, or tls.certManager.enabled" -}}
{{- end -}}
{{- if gt (len $sources) 1 -}}
{{- include "regent.refuse" (printf "%s are set: a certificate comes from one of them" (join " and " $sources)) -}}
{{- end -}}
{{- range $key := list "certFilename" "certKeyFilename" "certCAFilename" "dhParamsFilename" -}}
{{- if and (index $tls $key) (not $tls.existingSecret) -}}
{{- include "regent.refuse" (printf "tls.%s is %q without tls.existingSecret: it is the name of a key there" $key (index $tls $key)) -}}
{{- end -}}
{{- end -}}
{{- if $tls.certManager.enabled -}}
{{- if not $tls.certManager.issuerRef.name -}}
{{- include "regent.refuse" "tls.certManager.enabled is true without tls.certManager.issuerRef.name: name an Issuer or a ClusterIssuer" -}}
{{- end -}}
{{- if not (.Capabilities.APIVersions.Has "cert-manager.io/v1") -}}
{{- include "regent.refuse" "tls.certManager.enabled is true and the cluster does not know cert-manager.io/v1: install cert-manager first. Where nothing is asked of a cluster, render with --api-versions cert-manager.io/v1" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "regent.validate.families" -}}
{{- $groups := dict "ipFamilies" .Values "master.service.ipFamilies" .Values.master.service -}}
{{- $_ := set $groups "replica.service.ipFamilies" .Values.replica.service -}}
{{- $_ := set $groups "metrics.service.ipFamilies" .Values.metrics.service -}}
{{- range $path, $group := $groups -}}
{{- range $group.ipFamilies -}}
{{- if not (has . (list "IPv4" "IPv6")) -}}
{{- include "regent.refuse" (printf "%s has %q: allowed are IPv4 and IPv6" $path (toString .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "regent.validate.images" -}}
{{- range $name, $image := dict "image" .Values.image "agent.image" .Values.agent.image "metrics.image" .Values.metrics.image -}}
{{- if not $image.repository -}}
{{- include "regent.refuse" (printf "%s.repository is empty: name an image" $name) -}}
{{- end -}}
{{- if and (not $image.tag) (not $image.digest) -}}
{{- include "regent.refuse" (printf "%s.tag and %s.digest are both empty: set one" $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Commands that the agent, replication or the probes give cannot be disabled. */}}
{{- define "regent.validate.commands" -}}
{{- $needed := list "ACL" "AUTH" "CLIENT" "CONFIG" "EXEC" "INFO" "MULTI" "PING" "PSYNC" "REPLCONF" "REPLICAOF" "SYNC" -}}
{{- range .commands -}}
{{- if has (upper .) $needed -}}
{{- include "regent.refuse" (printf "disableCommands has %s: the agent, replication or the probes need it. To keep users from it, give them an ACL" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "regent.validate.disruption" -}}
{{- if and (not (kindIs "invalid" .pdb.minAvailable)) (not (kindIs "invalid" .pdb.maxUnavailable)) -}}
{{- include "regent.refuse" (printf "pdb.minAvailable (%v) and pdb.maxUnavailable (%v) are both set: Kubernetes takes one of them" .pdb.minAvailable .pdb.maxUnavailable) -}}
{{- end -}}
{{- end -}}

{{- define "regent.validate.replication" -}}
{{- $values := .context.Values -}}
{{- $alive := mul (int64 .pod.livenessProbe.periodSeconds) (int64 .pod.livenessProbe.failureThreshold) -}}
{{- $agentAlive := mul (int64 $values.agent.livenessProbe.periodSeconds) (int64 $values.agent.livenessProbe.failureThreshold) -}}
{{- $timing := include "regent.timing" .context | fromYaml -}}
{{- range $name, $seconds := dict "livenessProbe" $alive "agent.livenessProbe" $agentAlive -}}
{{- if le $seconds (int64 $timing.leaseDurationSeconds) -}}
{{- include "regent.refuse" (printf "%s: periodSeconds * failureThreshold (%d) must be more than failover.leaseDurationSeconds (%d): a restart must not come before the failover" $name $seconds (int64 $timing.leaseDurationSeconds)) -}}
{{- end -}}
{{- end -}}
{{- if .pod.persistence.existingClaim -}}
{{- include "regent.refuse" (printf "persistence.existingClaim is %q with architecture: replication: the pods cannot share a claim. Name the claims redis-data-%s-0 and so on, which the set then takes, or use architecture: standalone" .pod.persistence.existingClaim (include "regent.statefulset" .context)) -}}
{{- end -}}
{{- if lt (int64 $values.replica.replicaCount) 1 -}}
{{- include "regent.refuse" "replica.replicaCount is 0 with architecture: replication: it counts all pods here, the leader among them. Write 1 or more, or architecture: standalone" -}}
{{- end -}}
{{- $service := include "regent.leaderService" .context -}}
{{- $found := lookup "v1" "Service" (include "common.names.namespace" .context) $service | default dict -}}
{{- if (default dict $found.spec).selector -}}
{{- include "regent.refuse" (printf "the Service %q has a selector, as that of a standalone: Kubernetes would keep sending clients to its pod. Uninstall that release first, which leaves its claims, or delete the Service" $service) -}}
{{- end -}}
{{- if (.pod.lifecycleHooks).preStop -}}
{{- include "regent.refuse" "lifecycleHooks.preStop is set with architecture: replication: before a stop the pod hands over, and nothing may come in between. Leave it out" -}}
{{- end -}}
{{- if has $values.master.service.ipFamilyPolicy (list "PreferDualStack" "RequireDualStack") -}}
{{- include "regent.refuse" (printf "master.service.ipFamilyPolicy is %q with architecture: replication: the agent routes one address of a pod. Write SingleStack, or leave it out" $values.master.service.ipFamilyPolicy) -}}
{{- end -}}
{{- if $values.master.service.extraPorts -}}
{{- include "regent.refuse" "master.service.extraPorts is set with architecture: replication: the agent routes Redis' port alone. Write a Service of your own in extraDeploy" -}}
{{- end -}}
{{- if eq (int64 $values.agent.port) (int64 .pod.containerPorts.redis) -}}
{{- include "regent.refuse" (printf "agent.port and containerPorts.redis are both %d: two processes of a pod cannot share a port" (int64 $values.agent.port)) -}}
{{- end -}}
{{- range $path, $port := dict "agent.port" $values.agent.port "containerPorts.redis" .pod.containerPorts.redis -}}
{{- if and $values.tls.enabled (eq (int64 $values.agent.peerPort) (int64 $port)) -}}
{{- include "regent.refuse" (printf "agent.peerPort and %s are both %d: two servers of a pod cannot share a port" $path (int64 $port)) -}}
{{- end -}}
{{- end -}}
{{- if not $values.agent.image.builtIn -}}
{{- range $file := list "regent" "regent.cjs.br" "probe.cjs" -}}
{{- if not ($.context.Files.Get (printf "files/%s" $file)) -}}
{{- include "regent.refuse" (printf "the chart lacks files/%s: in a clone of the repository, run scripts/build first. It writes the agent's bundle there" $file) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A line for each value that is taken for the sake of older values files and changes nothing. */}}
{{- define "regent.withoutEffect" -}}
{{- $reasons := dict "masterSet" (printf "clients that ask a Sentinel for this name connect to %s" (include "regent.leaderService" .)) -}}
{{- $_ := set $reasons "getMasterTimeout" "nobody has to be asked for the leader's address" -}}
{{- $_ := set $reasons "persistence" "the agent keeps its record in the Lease and beside the data" -}}
{{- $_ := set $reasons "resources" "agent.resources are the agent's" -}}
{{- $_ := set $reasons "resourcesPreset" "agent.resources are the agent's" -}}
{{- $_ := set $reasons "startupProbe" "the chart's own probes wait as long as Redis loads" -}}
{{- $_ := set $reasons "livenessProbe" "see agent.livenessProbe" -}}
{{- $_ := set $reasons "readinessProbe" "the agent answers for the pod" -}}
{{- range $key, $reason := $reasons -}}
{{- if index $.Values.sentinel $key }}
    sentinel.{{ $key }}: {{ $reason }}
{{- end -}}
{{- end -}}
{{- end -}}
