import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PasswordSource } from '../../experiment/workload-objects.ts';

/** Ports of Redis and of Sentinel, everywhere. */
export const ports = { redis: 6379, sentinel: 26379 } as const;
/** Pods of a set, each with a Redis and a Sentinel. */
export const podCount = 3;
/** What the Sentinels call what they watch. */
export const group = 'primary';
/** HAProxy's pods: one of them may be on the machine that is lost. */
const proxyCount = 2;
const dataSize = '8Gi';
const ordinals = Array.from({ length: podCount }, (_, ordinal) => ordinal);

/** How a set with Sentinels is made. */
export interface SentinelSetOptions {
  /** Name of the set, and the beginning of the names of its objects. */
  readonly name: string;
  readonly images: { readonly redis: string; readonly haproxy: string };
  readonly password: PasswordSource;
  /** After which silence a Sentinel takes a Redis for down, in milliseconds. */
  readonly downAfterMs: number;
  /** After which a failover that does not succeed is given up, in milliseconds. */
  readonly failoverTimeoutMs: number;
}

/** The label that all pods with Redis have. */
export function selectorOf(name: string): string {
  return `app=${name}`;
}

/** The name of the Service that HAProxy is behind. */
export function proxyName(name: string): string {
  return `${name}-proxy`;
}

/** The DNS names of the pods, inside their namespace, in their order. They stay as long as the set. */
export function podHosts(name: string): string[] {
  return ordinals.map((ordinal) => `${name}-${ordinal}.${name}`);
}

/** All objects of a set, in the way of the charts that people use. */
export function objectsOf(options: SentinelSetOptions): object[] {
  const { name } = options;
  return [
    object('v1', 'ConfigMap', name, { data: files() }),
    // Pods have their names before they are ready: nobody would become ready without.
    service(name, { clusterIP: 'None', selector: { app: name }, publishNotReadyAddresses: true }),
    ...ordinals.map((ordinal) => backendService(name, ordinal)),
    service(proxyName(name), { selector: { app: proxyName(name) }, ports: [port('redis')] }),
    statefulSet(options),
    proxies(options),
  ];
}

function files(): Record<string, string> {
  const names = [
    ...['whereabouts.sh', 'start-redis.sh', 'start-sentinel.sh', 'stop-redis.sh'],
    ...['stop-sentinel.sh', 'started-redis.sh', 'started-sentinel.sh', 'redis.conf', 'haproxy.cfg'],
  ];
  return Object.fromEntries(
    names.map((file) => [file, readFileSync(join(import.meta.dirname, file), 'utf8')]),
  );
}

function object(apiVersion: string, kind: string, name: string, rest: object): object {
  return { apiVersion, kind, metadata: { name, labels: { app: name } }, ...rest };
}

function service(name: string, spec: object): object {
  return object('v1', 'Service', name, {
    spec: { ports: [port('redis'), port('sentinel')], ...spec },
  });
}

function port(name: keyof typeof ports): object {
  return { name, port: ports[name] };
}

/**
 * An address for one pod that does not change with it, also while the pod is not ready. HAProxy asks
 * there: it would notice late that a name has another address.
 */
function backendService(name: string, ordinal: number): object {
  const selector = { 'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}` };
  return service(`${name}-backend-${ordinal}`, { selector, publishNotReadyAddresses: true });
}

function statefulSet(options: SentinelSetOptions): object {
  const { name } = options;
  const labels = { app: name };
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: dataSize } } },
  };
  const spec = {
    serviceName: name,
    replicas: podCount,
    // No Sentinel has a quorum before the others are there.
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: podSpec(options) },
    volumeClaimTemplates: [claim],
  };
  return object('apps/v1', 'StatefulSet', name, { spec });
}

function podSpec(options: SentinelSetOptions): object {
  const { name } = options;
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 45,
    securityContext: { fsGroup: 999, runAsUser: 999, runAsGroup: 999, runAsNonRoot: true },
    affinity: apart(name),
    containers: [container(options, 'redis'), container(options, 'sentinel')],
    volumes: [
      { name: 'files', configMap: { name, defaultMode: 0o555 } },
      { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
    ],
  };
}

function container(options: SentinelSetOptions, name: 'redis' | 'sentinel'): object {
  const script = (word: string): string[] => ['sh', `/opt/sentinel/${word}-${name}.sh`];
  const ping = { exec: { command: ['redis-cli', '-p', String(ports[name]), 'ping'] } };
  const started = { exec: { command: script('started') } };
  const mounts = [
    { name: 'files', mountPath: '/opt/sentinel' },
    { name: 'run', mountPath: `/run/${name}` },
    ...(name === 'redis' ? [{ name: 'data', mountPath: '/data' }] : []),
  ];
  return {
    name,
    image: options.images.redis,
    command: script('start'),
    env: environment(options),
    ports: [{ name, containerPort: ports[name] }],
    // As often as the chart has it.
    startupProbe: { ...started, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 600 },
    livenessProbe: { ...ping, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { ...ping, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 },
    lifecycle: { preStop: { exec: { command: script('stop') } } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    volumeMounts: mounts,
  };
}

function environment({ name, password, downAfterMs, failoverTimeoutMs }: SentinelSetOptions) {
  return [
    { name: 'SET', value: name },
    { name: 'GROUP', value: group },
    { name: 'DOWN_AFTER_MS', value: String(downAfterMs) },
    { name: 'FAILOVER_TIMEOUT_MS', value: String(failoverTimeoutMs) },
    { name: 'REDIS_PASSWORD', valueFrom: { secretKeyRef: password } },
  ];
}

function apart(app: string): object {
  const podAffinityTerm = {
    labelSelector: { matchLabels: { app } },
    topologyKey: 'kubernetes.io/hostname',
  };
  const podAntiAffinity = {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm }],
  };
  return { podAntiAffinity };
}

function proxies(options: SentinelSetOptions): object {
  const name = proxyName(options.name);
  const labels = { app: name };
  const proxy = {
    name: 'haproxy',
    image: options.images.haproxy,
    command: ['haproxy', '-W', '-db', '-f', '/opt/sentinel/haproxy.cfg'],
    env: environment(options),
    ports: [{ name: 'redis', containerPort: ports.redis }],
    readinessProbe: { tcpSocket: { port: 'redis' }, periodSeconds: 2 },
    volumeMounts: [{ name: 'files', mountPath: '/opt/sentinel' }],
  };
  const spec = {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsUser: 99, runAsGroup: 99, runAsNonRoot: true },
    affinity: apart(name),
    containers: [proxy],
    volumes: [{ name: 'files', configMap: { name: options.name, defaultMode: 0o555 } }],
  };
  return object('apps/v1', 'Deployment', name, {
    spec: {
      replicas: proxyCount,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  });
}
