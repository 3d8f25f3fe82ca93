import { commandTable, failoverTable, switchoverTable, viewTable } from './command-options.ts';
import type { Option, OptionTable } from './option-table.ts';
import { initTable, runTable } from './options.ts';

/** What `regent help` prints. */
export const help = `regent: keeps one Redis or Valkey leader on Kubernetes and moves it safely

  regent status [--output text|json]
      The whole set: who leads, and how far behind each pod is.
  regent explain
      For each pod why it leads, or why it does not or may not.
  regent history [--output text|json]
      The last changes of leader, and why.
  regent switchover [--to POD]
      Hand over to POD, or to the best replica, without losing a write. Ask the pod that leads.
  regent failover --to POD --accept-data-loss
      POD leads, whatever its data. For when nobody may lead by rule.
  regent pause, regent resume
      No failovers until resume.
  regent probe startup|readiness|liveness
      Ends with 0 when the agent says pass, with 1 when it does not.

In the containers of a pod, as the chart calls them: regent init, regent run.

  regent COMMAND --help, regent --version

Exit codes: 0 done or pass, 1 the answer is no, 2 the command line is wrong.`;

/** One command: what it does, and its options. */
interface CommandHelp {
  readonly does: string;
  readonly table: OptionTable;
}

const commands: Readonly<Record<string, CommandHelp>> = {
  init: { does: "writes Redis' configuration", table: initTable },
  run: { does: 'elects and keeps a leader', table: runTable },
  status: { does: 'shows the whole set as the agent of this pod sees it', table: viewTable },
  explain: { does: 'says for each pod why it leads, or may not', table: commandTable },
  history: { does: 'shows the last changes of leader', table: viewTable },
  switchover: { does: 'hands over without losing a write', table: switchoverTable },
  failover: { does: 'lets a pod lead whatever its data', table: failoverTable },
  pause: { does: 'stops failovers until resume', table: commandTable },
  resume: { does: 'allows failovers again', table: commandTable },
};

/** What each option says, whichever command takes it. */
const meanings: Readonly<Record<string, string>> = {
  'accept-data-loss': 'writes that only others have may be lost',
  'agent-port': 'where the agent listens',
  'announce-host': "the pod's DNS name, by which it is shown",
  'beat-timeout-ms': 'a Redis that is silent for so long hangs',
  'cluster-domain': 'the DNS domain of the cluster',
  'config': "the user's redis.conf",
  'data-dir': 'where the data set is',
  'durability': 'copies that a write needs: guarded for three pods and more, async below',
  'fence-deadline-ms': 'after its last good renewal, a leader refuses writes from then on',
  'fence-timeout-ms': 'longest time of a command to the own Redis',
  'headless-service': 'the Service that gives the pods their DNS names',
  'kubeconfig': "access to the API server; the pod's service account unless given",
  'leader-service': 'the Service that leads to the leader',
  'lease-duration-seconds': 'a leader that is silent for so long is replaced',
  'log-level': 'from which level on is logged',
  'namespace': "the pod's namespace",
  'on-replica-loss': 'when replicas are missing: go on with fewer copies, or refuse writes',
  'output': 'text or json; for init the file to write',
  'password-file': "Redis' password",
  'peer-secret-file': 'what agents prove themselves with',
  'peer-port': 'where agents talk to each other when there is TLS',
  'pod': "the pod's name",
  'pod-ip': "the pod's IP address",
  'pod-uid': "the pod's UID",
  'port': 'where Redis listens',
  'priority': 'lower is preferred, 0 never leads',
  'promise-ms': 'how long members keep still for a leader that cannot renew',
  'redis-config': 'redis.conf as regent init wrote it',
  'renew-period-ms': 'from one renewal of the lease to the next',
  'replica-lag-seconds': 'a replica that is silent for so long does not count as a copy',
  'replicas': 'pods of the set',
  'request-timeout-ms': 'a request to the API server that takes longer has failed',
  'set': 'name of the set; its pods are SET-node-0 and so on',
  'timing': 'the profile of all timings; each may be given by itself',
  'tls-auth-clients': 'whether clients have to show a certificate',
  'tls-dir': 'folder of tls.crt, tls.key and ca.crt: Redis speaks TLS alone then',
  'to': 'the pod that shall lead',
};

/** What `regent COMMAND --help` prints; `null` for what is no such command. */
export function helpOf(command: string): string | null {
  const found = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (found === undefined) return null;
  const options = Object.entries(found.table).map(([name, option]) => lineOf(name, option));
  return [`regent ${command}: ${found.does}`, '', ...options].join('\n');
}

const columnWidth = 27;

function lineOf(name: string, option: Option<unknown>): string {
  const written = `  --${name}`.padEnd(columnWidth);
  return `${written}${meanings[name] ?? ''} (${option.allows}; ${defaultOf(option)})`;
}

function defaultOf(option: Option<unknown>): string {
  if (!('otherwise' in option)) return 'needed';
  const { otherwise } = option;
  const hasOne = typeof otherwise === 'string' || typeof otherwise === 'number';
  return hasOne ? `${otherwise} unless given` : 'may be left out';
}
