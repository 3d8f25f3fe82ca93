import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is read when somebody asks for the metrics. */
export interface MetricsReading {
  /** This pod accepts writes, by right. */
  readonly isLeading: boolean;
  readonly term: number;
  /** Until the leader would have to fence itself without a further renewal; `null` for a follower. */
  readonly leaseRemainingMs: number | null;
  /** Bytes of the history that are applied here; `null` while Redis is away. */
  readonly offset: number | null;
  /** Replicas that stream from this Redis; `null` while Redis is away. */
  readonly replicas: number | null;
  readonly isRedisUp: boolean;
  /** W as it is published in the Lease; `null` while that is not known. */
  readonly requiredReplicas: number | null;
  /** Members whose promise to this leader still holds. */
  readonly promises: number;
  /** Since the API server last answered; `null` before it first did. */
  readonly apiSilenceMs: number | null;
}

/** The steps of a failover, as far as one agent can time them. */
export type FailoverPhase = 'detect' | 'claim' | 'promote' | 'route';

/** What became of a renewal of the Lease. */
export type RenewalResult = 'ok' | 'conflict' | 'refused' | 'unreachable';

/** Below a network round trip, and above what anybody waits for. */
const phaseBucketsSeconds = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];
const renewalBucketsSeconds = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];

/** How often the event loop is looked at, and from what delay on it counts as stalled. */
const stallPeriodMs = 500;
const stallMinMs = 250;

/** The agent's metrics, in Prometheus' text form. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #look: () => MetricsReading;
  readonly #transitions: Counter<'reason'>;
  readonly #fences: Counter<'reason'>;
  readonly #cuts: Counter;
  readonly #renewals: Histogram<'result'>;
  readonly #failovers: Histogram<'phase'>;
  readonly #stalls: Histogram;
  readonly #stallTimer: NodeJS.Timeout;

  /** @param look called for each answer; must be cheap and must not throw. */
  constructor(look: () => MetricsReading) {
    this.#look = look;
    const registers = [this.#registry];
    this.#transitions = new Counter({
      name: 'regent_transitions_total',
      help: 'Changes of what the agent does, by the reason of the new decision',
      labelNames: ['reason'],
      registers,
    });
    this.#fences = new Counter({
      name: 'regent_fences_total',
      help: 'Times the local Redis was made to refuse writes, by reason',
      labelNames: ['reason'],
      registers,
    });
    this.#cuts = new Counter({
      name: 'regent_client_cuts_total',
      help: 'Times all clients of the local Redis were cut, because another pod leads or may lead',
      registers,
    });
    this.#renewals = new Histogram({
      name: 'regent_lease_write_seconds',
      help: 'Duration of writes to the Lease, by result',
      labelNames: ['result'],
      buckets: renewalBucketsSeconds,
      registers,
    });
    this.#failovers = new Histogram({
      name: 'regent_failover_seconds',
      help: 'Duration of the phases of taking over, by phase',
      labelNames: ['phase'],
      buckets: phaseBucketsSeconds,
      registers,
    });
    this.#stalls = new Histogram({
      name: 'regent_event_loop_stall_seconds',
      help: 'Times for which this process stood still, from 0.25 s on',
      buckets: [0.25, 0.5, 1, 2, 4, 8],
      registers,
    });
    this.#registerReadings();
    this.#registerProcess();
    this.#stallTimer = this.#watchStalls();
  }

  /** The agent's decision has another reason than the last one. */
  transition(reason: string): void {
    this.#transitions.inc({ reason });
  }

  /** Writes were refused from now on, for `reason`. */
  fence(reason: string): void {
    this.#fences.inc({ reason });
  }

  /** All clients of the local Redis are cut. */
  cutClients(): void {
    this.#cuts.inc();
  }

  /** A write of the Lease ended. */
  renewal(result: RenewalResult, durationMs: number): void {
    this.#renewals.observe({ result }, durationMs / 1000);
  }

  /** A phase of a takeover ended. */
  failover(phase: FailoverPhase, durationMs: number): void {
    this.#failovers.observe({ phase }, durationMs / 1000);
  }

  /** All metrics, as `GET /metrics` answers them. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Stops to look at the event loop. */
  end(): void {
    clearInterval(this.#stallTimer);
  }

  #registerReadings(): void {
    const truth = (value: boolean): number => (value ? 1 : 0);
    this.#gauge('regent_is_leader', '1 where writes are accepted, else 0', (seen) =>
      truth(seen.isLeading),
    );
    this.#gauge('regent_term', 'The highest term that the agent knows', (seen) => seen.term);
    this.#gauge(
      'regent_lease_remaining_seconds',
      'Until the leader refuses writes unless it renews; absent in a follower',
      (seen) => (seen.leaseRemainingMs === null ? null : seen.leaseRemainingMs / 1000),
    );
    this.#gauge('regent_redis_up', '1 while the local Redis answers, else 0', (seen) =>
      truth(seen.isRedisUp),
    );
    this.#gauge(
      'regent_replication_offset_bytes',
      'Bytes of the history that are applied in the local Redis',
      (seen) => seen.offset,
    );
    this.#gauge(
      'regent_streaming_replicas',
      'Replicas that stream from the local Redis',
      (seen) => seen.replicas,
    );
    this.#gauge(
      'regent_required_replicas',
      'Replicas in step that a write needs, as the lease says',
      (seen) => seen.requiredReplicas,
    );
    this.#gauge(
      'regent_promises_held',
      'Members that keep still for this leader while it cannot renew',
      (seen) => seen.promises,
    );
    this.#gauge(
      'regent_api_silence_seconds',
      'Since the API server last answered; absent before it first did',
      (seen) => (seen.apiSilenceMs === null ? null : seen.apiSilenceMs / 1000),
    );
  }

  #registerProcess(): void {
    const startedSeconds = performance.timeOrigin / 1000;
    this.#gauge(
      'process_start_time_seconds',
      'Start of the process since the Unix epoch in seconds',
      () => startedSeconds,
    );
    this.#gauge('process_resident_memory_bytes', 'Resident memory size in bytes', () =>
      process.memoryUsage.rss(),
    );
    const cpu: Counter = new Counter({
      name: 'process_cpu_seconds_total',
      help: 'Total user and system CPU time spent in seconds',
      registers: [this.#registry],
      collect: () => {
        const { user, system } = process.cpuUsage();
        cpu.reset();
        cpu.inc((user + system) / 1_000_000);
      },
    });
  }

  /** A gauge that is absent while its value is `null`. */
  #gauge(name: string, help: string, valueOf: (seen: MetricsReading) => number | null): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: () => {
        const value = valueOf(this.#look());
        if (value === null) gauge.remove();
        else gauge.set(value);
      },
    });
  }

  /** Node's own histogram of delays wakes the process a hundred times a second; this twice. */
  #watchStalls(): NodeJS.Timeout {
    let dueMs = performance.now() + stallPeriodMs;
    const timer = setInterval(() => {
      const lateMs = performance.now() - dueMs;
      if (lateMs >= stallMinMs) this.#stalls.observe(lateMs / 1000);
      dueMs = performance.now() + stallPeriodMs;
    }, stallPeriodMs);
    return timer.unref();
  }
}
