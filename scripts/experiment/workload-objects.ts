import { root, toolEnvironment } from '../environment.ts';
import { run } from './command.ts';

/** The label that all objects of a workload carry. */
export const workloadLabel = 'app.kubernetes.io/name=workload';
/** The pod that runs the programs of an ordinary client. */
export const clientName = 'workload-client';
/** How a program is run in a pod; its name and options follow. */
export const programCommand = ['node', '/opt/workload/main.cjs'] as const;

/** An object to apply. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

/** The Secret that holds Redis' password. */
export interface PasswordSource {
  readonly name: string;
  readonly key: string;
}

const labels = { 'app.kubernetes.io/name': 'workload' };
const core = { apiVersion: 'v1' } as const;
const programVolume = { name: 'programs', configMap: { name: 'workload' } };

/** The programs, bundled from the checkout. */
export async function bundledPrograms(): Promise<string> {
  const bundle = ['--bundle', '--minify', '--platform=node', '--target=node24', '--format=cjs'];
  const words = ['esbuild', 'scripts/workload/main.ts', ...bundle, '--log-level=error'];
  return run(words, { env: toolEnvironment(), cwd: root });
}

/** The ConfigMap that carries the programs. */
export async function programs(): Promise<KubeObject> {
  const object = { ...core, kind: 'ConfigMap', data: { 'main.cjs': await bundledPrograms() } };
  return { ...object, metadata: { name: 'workload', labels } };
}

/** How the pod of an ordinary client is made. */
export interface ClientPodOptions {
  /** Image with Node, as the chart names it. */
  readonly image: string;
  readonly password: PasswordSource;
  /** Name of the Secret with certificates; `null` when connections are not encrypted. */
  readonly tlsSecret: string | null;
}

/**
 * A pod with nothing but the rights of an application.
 *
 * @param machine where it runs; `null` leaves it to Kubernetes
 */
export function clientPod(
  { image, password, tlsSecret }: ClientPodOptions,
  machine: string | null = null,
): KubeObject {
  const secretKeyRef = { ...password, optional: true };
  const restricted = {
    runAsNonRoot: true,
    runAsUser: 1000,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
  const program = container(image);
  const certificates = { name: 'certificates', mountPath: '/opt/certificates', readOnly: true };
  const isTls = tlsSecret !== null;
  const env = [
    { name: 'REDIS_PASSWORD', valueFrom: { secretKeyRef } },
    ...(isTls ? [{ name: 'REDIS_TLS_DIR', value: certificates.mountPath }] : []),
  ];
  const volumeMounts = [...program.volumeMounts, ...(isTls ? [certificates] : [])];
  return pod(clientName, {
    ...(machine === null ? {} : { nodeName: machine }),
    // Nobody would make it again: it stays on a machine that is taken for lost while the API server is away.
    tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    containers: [{ ...program, env, volumeMounts, securityContext: restricted }],
    volumes: [
      programVolume,
      ...(isTls ? [{ name: certificates.name, secret: { secretName: tlsSecret } }] : []),
    ],
  });
}

/** The name of the pod that kills on a machine. */
export function killerName(machine: string): string {
  return `workload-killer-${machine}`;
}

/** A pod that sees all processes of one machine, may end them, and has its network as kubelet has. */
export function killerPod(machine: string, image: string): KubeObject {
  return pod(killerName(machine), {
    nodeName: machine,
    hostPID: true,
    hostNetwork: true,
    tolerations: [{ operator: 'Exists' }],
    containers: [{ ...container(image), securityContext: { privileged: true } }],
  });
}

function container(image: string) {
  return {
    name: 'program',
    image,
    // The programs are started in it when they are wanted; nothing runs in between.
    command: ['sleep', 'infinity'],
    volumeMounts: [{ name: 'programs', mountPath: '/opt/workload' }],
  };
}

function pod(name: string, spec: object): KubeObject {
  const fixed = {
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    volumes: [programVolume],
  };
  const object = { ...core, kind: 'Pod', spec: { ...fixed, ...spec } };
  return { ...object, metadata: { name, labels } };
}
