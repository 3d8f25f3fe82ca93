import { AgentError } from '../errors.ts';
import { tlsFilesIn } from '../tls.ts';
import { fencedReplicas, nowhere, unpromotedLagSeconds } from './commands.ts';
import { quotedArgument, splitArguments } from './config-line.ts';
import { onePassword, passwordLines } from './config-passwords.ts';
import type { Password } from './password.ts';
import { refuseStaleReads } from './stale-reads.ts';

/** What the init container knows when it renders redis.conf. */
export interface ConfigInput {
  /** The user's configuration, as it is. */
  readonly userText: string;
  /** Where it comes from, for messages. */
  readonly userFile: string;
  readonly port: number;
  /** The pod's DNS name: stays when its address changes. */
  readonly announceHost: string;
  readonly dataDir: string;
  /** `null` for a Redis without a password. */
  readonly password: Password | null;
  /** `null` for a Redis without TLS; with it nothing is served in the clear. */
  readonly tls: ConfigTls | null;
}

/** Who must show a certificate that `ca.crt` vouches for: every client, none, or who shows one. */
export const tlsAuthClients = ['yes', 'no', 'optional'] as const;

/** How Redis speaks TLS. */
export interface ConfigTls {
  /** The folder with tls.crt, tls.key and ca.crt. */
  readonly folder: string;
  readonly authClients: (typeof tlsAuthClients)[number];
  /** The file with Diffie-Hellman parameters, `null` for none. */
  readonly dhParams: string | null;
}

/**
 * Renders redis.conf: the user's text, then what the product depends on, so that the latter counts.
 *
 * Redis boots as a fenced replica of nowhere. A primary that comes back with an old or empty data
 * set would otherwise wipe its replicas before anybody has looked at it (8 of 8 runs).
 *
 * @throws AgentError `usage` that names the line of the user's text which contradicts this.
 */
export function renderConfig(input: ConfigInput): string {
  const lines = input.userText.split('\n');
  lines.forEach((line, index) => {
    const objection = objectionTo(line, input);
    if (objection === null) return;
    const where = `${input.userFile} line ${index + 1}`;
    throw new AgentError('usage', `${where}: '${directiveShown(line)}': ${objection}`);
  });
  return [
    input.userText.trimEnd(),
    '',
    '# From here on by the agent, which depends on it.',
    ...ownLines(input),
    '',
  ].join('\n');
}

function ownLines(input: ConfigInput): readonly string[] {
  const { port, announceHost, dataDir, password } = input;
  return [
    ...listeningLines(input),
    'bind * -::*',
    'protected-mode no',
    'daemonize no',
    `dir ${quotedArgument(Buffer.from(dataDir))}`,
    `replicaof ${nowhere.host} ${nowhere.port}`,
    'replica-read-only yes',
    refuseStaleReads,
    `replica-announce-ip ${quotedArgument(Buffer.from(announceHost))}`,
    `replica-announce-port ${port}`,
    `min-replicas-to-write ${fencedReplicas}`,
    `min-replicas-max-lag ${unpromotedLagSeconds}`,
    // A follower whose leader is gone should know it within a second, and sync without a delay.
    'repl-ping-replica-period 1',
    'repl-diskless-sync-delay 0',
    // Redis takes a new replication id when it drops its backlog; the Lease has the old one.
    'repl-backlog-ttl 0',
    ...(password === null ? [] : passwordLines(onePassword(password))),
  ];
}

function listeningLines({ port, tls }: ConfigInput): readonly string[] {
  if (tls === null) return [`port ${port}`];
  const { cert, key, ca } = tlsFilesIn(tls.folder);
  return [
    'port 0',
    `tls-port ${port}`,
    // Replicas too come over this port, and there is no other.
    'tls-replication yes',
    `tls-cert-file ${quotedArgument(Buffer.from(cert))}`,
    `tls-key-file ${quotedArgument(Buffer.from(key))}`,
    `tls-ca-cert-file ${quotedArgument(Buffer.from(ca))}`,
    `tls-auth-clients ${tls.authClients}`,
    ...(tls.dhParams === null
      ? []
      : [`tls-dh-params-file ${quotedArgument(Buffer.from(tls.dhParams))}`]),
  ];
}

/** Why a line of the user cannot stand, `null` when it can. Says what to do instead. */
type Objection = (values: readonly string[], input: ConfigInput) => string | null;

function never(instead: string): Objection {
  return () => instead;
}

function only(allowed: (input: ConfigInput) => string, instead: string): Objection {
  return ([value = ''], input) =>
    value.toLowerCase() === allowed(input) ? null : `only ${allowed(input)} works here: ${instead}`;
}

const whoLeads = never('the agent decides who replicates from whom; remove the line');
const fenceIsOurs = never('the agent fences a Redis with it; remove the line');
const announced = never('the agent announces the name of the pod; remove the line');
const password: Objection = (_values, input) =>
  input.password === null
    ? 'the agent has to know the password; remove the line and set auth.enabled'
    : 'the password comes from the Secret; remove the line';

const certificates: Objection = (_values, { tls }) =>
  tls === null
    ? 'the agent has to speak TLS as well; remove the line and set tls.enabled'
    : 'the certificates come from the Secret; remove the line';

const objections: Readonly<Record<string, Objection>> = {
  'replicaof': whoLeads,
  'slaveof': whoLeads,
  'min-replicas-to-write': fenceIsOurs,
  'min-slaves-to-write': fenceIsOurs,
  'min-replicas-max-lag': never('set failover.replicaLagSeconds instead'),
  'min-slaves-max-lag': never('set failover.replicaLagSeconds instead'),
  'repl-diskless-load': only(
    () => 'disabled',
    'a load that breaks off would leave part of a data set in place of a whole one',
  ),
  'repl-backlog-ttl': only(() => '0', 'a dropped backlog is a lost history'),
  'replica-announce-ip': announced,
  'slave-announce-ip': announced,
  'replica-announce-port': announced,
  'slave-announce-port': announced,
  'replica-read-only': only(() => 'yes', 'what is written to a replica is lost'),
  'slave-read-only': only(() => 'yes', 'what is written to a replica is lost'),
  'requirepass': password,
  'masterauth': password,
  'masteruser': never('replicas log in as the default user; remove the line'),
  'cluster-enabled': only(() => 'no', 'Redis Cluster elects its own primaries'),
  'sentinel': never('this is a line for Sentinel, which the agent replaces; remove it'),
  'daemonize': only(() => 'no', 'the container ends when its first process does'),
  'port': ([value = ''], { port, tls }) =>
    value === String(port) || (tls !== null && value === '0')
      ? null
      : `only ${port} works here: set containerPorts.redis instead`,
  'tls-port': only(
    ({ port, tls }) => String(tls === null ? 0 : port),
    'set tls.enabled and containerPorts.redis instead',
  ),
  'tls-replication': only(
    ({ tls }) => (tls === null ? 'no' : 'yes'),
    'replicas speak TLS when everybody does; set tls.enabled instead',
  ),
  'tls-auth-clients': never('set tls.authClients instead'),
  'tls-cert-file': certificates,
  'tls-key-file': certificates,
  'tls-ca-cert-file': certificates,
  'tls-ca-cert-dir': certificates,
  'tls-dh-params-file': certificates,
  'tls-key-file-pass': never('the agent needs the key too, without a password; remove the line'),
  'tls-client-cert-file': certificates,
  'tls-client-key-file': certificates,
  'tls-client-key-file-pass': certificates,
  'dir': ([value = ''], { dataDir }) =>
    value.replace(/\/+$/, '') === dataDir
      ? null
      : `only ${dataDir} works here: the volume is there`,
  'bind': (values) =>
    values.every((value) => /^-?(\*|::\*|0\.0\.0\.0|::)$/.test(value))
      ? null
      : 'pods replicate over all addresses; remove the line and use networkPolicy',
  'user': ([name]) =>
    name === 'default' ? 'the agent logs in as the default user; give others a name' : null,
  'rename-command': ([command = '']) =>
    needed.has(command.toLowerCase()) ? 'the agent needs this command; remove the line' : null,
};

/** Commands without which the agent, or replication, cannot work. */
const needed: ReadonlySet<string> = new Set(
  'acl auth client config exec info multi ping psync replconf replicaof sync'.split(' '),
);

function objectionTo(line: string, input: ConfigInput): string | null {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return null;
  const words = splitArguments(text);
  if (words === null) return 'the quotes are not balanced';
  const [directive = '', ...values] = words;
  const key = directive.toLowerCase();
  return Object.hasOwn(objections, key) ? (objections[key]?.(values, input) ?? null) : null;
}

/** Of a line that may hold a password only the first word is shown. */
function directiveShown(line: string): string {
  const [first = ''] = line.trim().split(/\s+/);
  return /pass|auth|user/i.test(first) ? `${first} ...` : line.trim();
}
