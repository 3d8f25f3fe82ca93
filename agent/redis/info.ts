import { AgentError } from '../errors.ts';

/** The sections that `parseInfo` needs; Redis takes several at once since 7.0. */
export const infoSections = ['server', 'persistence', 'replication', 'keyspace'] as const;

/** What one Redis says about itself. Works for Redis 7.0 to 8 and Valkey 7.2 to 9. */
export interface RedisInfo {
  readonly server: ServerFacts;
  readonly persistence: PersistenceFacts;
  readonly replication: ReplicationFacts;
  /** Keys in all databases. While `loading` only those that were loaded so far. */
  readonly keys: number;
}

/** Which process it is. */
export interface ServerFacts {
  readonly product: 'redis' | 'valkey';
  readonly version: string;
  /** New with every start of the process: tells a Redis that was restarted from one that lives on. */
  readonly runId: string;
  readonly uptimeSeconds: number;
}

/** What is on disk, and whether it is in memory yet. */
export interface PersistenceFacts {
  /** The data set is being read from disk; commands on keys are refused. */
  readonly loading: boolean;
  /** An append-only file is written, or a first one is being made. */
  readonly aofEnabled: boolean;
  /** The append-only file is being rewritten, or is about to be. */
  readonly aofRewriting: boolean;
}

/** Replication as this Redis sees it. Offsets count bytes of the history `replid`. */
export interface ReplicationFacts {
  readonly role: 'primary' | 'replica';
  readonly replid: string;
  /** The history before the last change of `replid`, `null` when there was none. */
  readonly replid2: string | null;
  /** Bytes that `replid2` and `replid` share; 0 when `replid2` is `null`. */
  readonly forkOffset: number;
  /** Bytes of the history that are applied here. */
  readonly offset: number;
  /** Without one Redis takes a new `replid` when its first replica comes. */
  readonly hasBacklog: boolean;
  /** Replicas that Redis counts for `min-replicas-to-write`; `null` when it does not count. */
  readonly goodReplicas: number | null;
  /** What it replicates from; `null` for a primary. */
  readonly upstream: Upstream | null;
  /** Who replicates from it, its own order. */
  readonly downstreams: readonly Downstream[];
}

/** The link of a replica to what it replicates from. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
  /** Up is no proof that writes flow: with a diskless resync Redis says so up to 1 s too early. */
  readonly link: 'up' | 'down';
  /**
   * A full resync has begun to bring data. One that was only asked for has touched nothing, and may come to
   * nothing: a Redis that waits for its own leader and may not answer meanwhile (`replica-serve-stale-data
   * no`) refuses PSYNC in words that its replicas do not know. They ask anew within a millisecond, and
   * are about to resync in every fourth look.
   */
  readonly syncing: boolean;
  /** Whole seconds since the last byte came in, `null` without a link. */
  readonly silentSeconds: number | null;
  /** Bytes received. */
  readonly readOffset: number;
  /** Bytes received and applied. */
  readonly appliedOffset: number;
  /** `replica-priority`: lower is preferred, 0 never leads. */
  readonly priority: number;
}

/** A replica as its primary sees it. */
export interface Downstream {
  /** `replica-announce-ip` of the replica (a DNS name here), else its IP. */
  readonly host: string;
  readonly port: number;
  /** `online`, or a stage of a full resync: `wait_bgsave`, `send_bulk`, ... */
  readonly state: string;
  /** Bytes it acknowledged. */
  readonly offset: number;
  /** Whole seconds since its last acknowledgement, `null` when it has sent none. */
  readonly lagSeconds: number | null;
}

type Fields = ReadonlyMap<string, string>;

/**
 * Reads the answer to `INFO server persistence replication keyspace`.
 *
 * @throws AgentError `redis-answer` that names the field, when one is missing or malformed: deciding
 * on a guess could promote the wrong data set.
 */
export function parseInfo(text: string): RedisInfo {
  const fields = fieldsOf(text);
  return {
    server: server(fields),
    persistence: {
      loading: flag(fields, 'loading'),
      aofEnabled: flag(fields, 'aof_enabled'),
      aofRewriting:
        flag(fields, 'aof_rewrite_in_progress') || flag(fields, 'aof_rewrite_scheduled'),
    },
    replication: replication(fields),
    keys: keyCount(fields),
  };
}

function fieldsOf(text: string): Fields {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

function server(fields: Fields): ServerFacts {
  // Valkey keeps `redis_version` at the last version it was compatible with, and adds its own.
  const valkey = fields.get('valkey_version');
  return {
    product: valkey === undefined ? 'redis' : 'valkey',
    version: valkey ?? word(fields, 'redis_version'),
    runId: word(fields, 'run_id'),
    uptimeSeconds: whole(fields, 'uptime_in_seconds'),
  };
}

function replication(fields: Fields): ReplicationFacts {
  const role = word(fields, 'role');
  if (role !== 'master' && role !== 'slave') throw unreadable('role', role);
  const replid2 = word(fields, 'master_replid2');
  const hasFork = !/^0+$/.test(replid2);
  const good = fields.get('min_slaves_good_slaves');
  return {
    role: role === 'master' ? 'primary' : 'replica',
    replid: word(fields, 'master_replid'),
    replid2: hasFork ? replid2 : null,
    // Redis gives the first byte that is no longer shared.
    forkOffset: hasFork ? Math.max(0, whole(fields, 'second_repl_offset') - 1) : 0,
    offset: whole(fields, 'master_repl_offset'),
    hasBacklog: flag(fields, 'repl_backlog_active'),
    goodReplicas: good === undefined ? null : toWhole('min_slaves_good_slaves', good),
    upstream: role === 'slave' ? upstream(fields) : null,
    downstreams: downstreams(fields),
  };
}

function upstream(fields: Fields): Upstream {
  const silent = whole(fields, 'master_last_io_seconds_ago');
  return {
    host: word(fields, 'master_host'),
    port: whole(fields, 'master_port'),
    link: word(fields, 'master_link_status') === 'up' ? 'up' : 'down',
    syncing:
      flag(fields, 'master_sync_in_progress') && whole(fields, 'master_sync_total_bytes') >= 0,
    silentSeconds: silent < 0 ? null : silent,
    readOffset: whole(fields, 'slave_read_repl_offset'),
    appliedOffset: whole(fields, 'slave_repl_offset'),
    priority: whole(fields, 'slave_priority'),
  };
}

function downstreams(fields: Fields): readonly Downstream[] {
  const found: Downstream[] = [];
  for (const [key, value] of fields) {
    if (/^(slave|replica)\d+$/.test(key)) found.push(downstream(key, value));
  }
  return found;
}

function downstream(key: string, value: string): Downstream {
  const parts = new Map(
    value.split(',').map((part): [string, string] => {
      const equals = part.indexOf('=');
      return [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
  const lag = whole(parts, 'lag', key);
  return {
    host: word(parts, 'ip', key),
    port: whole(parts, 'port', key),
    state: word(parts, 'state', key),
    offset: whole(parts, 'offset', key),
    lagSeconds: lag < 0 ? null : lag,
  };
}

function keyCount(fields: Fields): number {
  let keys = 0;
  for (const [key, value] of fields) {
    if (!/^db\d+$/.test(key)) continue;
    const count = /^keys=(\d+),/.exec(value)?.[1];
    if (count === undefined) throw unreadable(key, value);
    keys += Number(count);
  }
  return keys;
}

function word(fields: Fields, key: string, within = ''): string {
  const value = fields.get(key);
  if (value === undefined || value === '') throw unreadable(within + key, value);
  return value;
}

function whole(fields: Fields, key: string, within = ''): number {
  return toWhole(within + key, word(fields, key, within));
}

function toWhole(key: string, value: string): number {
  const parsed = Number(value);
  // Offsets pass 2^53 only after nine petabytes of writes.
  if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(parsed)) throw unreadable(key, value);
  return parsed;
}

function flag(fields: Fields, key: string): boolean {
  const value = word(fields, key);
  if (value !== '0' && value !== '1') throw unreadable(key, value);
  return value === '1';
}

function unreadable(key: string, value: string | undefined): AgentError {
  const found = value === undefined ? 'no such field' : `'${value}'`;
  return new AgentError(
    'redis-answer',
    `INFO field ${key}: found ${found}; Redis 7.0 or later, or Valkey, is needed`,
  );
}
