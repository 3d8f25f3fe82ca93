/** One run of the program redis-benchmark. */
export interface BenchmarkRun {
  readonly command: 'set' | 'get';
  /** Requests that are on the way at a time in each connection. */
  readonly pipeline: number;
  readonly requestCount: number;
}

/** What redis-benchmark measured. */
export interface Throughput {
  readonly requestsPerSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** In each second so many bursts: fine enough to be a load, coarse enough to cost little itself. */
const burstsPerSecond = 4;

/** Reads what `redis-benchmark --csv` prints: a line of names and one of figures. */
export function resultOf(csv: string): Throughput {
  const [names = [], figures = []] = csv
    .trim()
    .split('\n')
    .slice(-2)
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '').trim()));
  const figure = (name: string): number => {
    const value = Number(figures[names.indexOf(name)]);
    if (Number.isFinite(value)) return value;
    throw new Error(`redis-benchmark told no ${name}: ${csv.trim()}`);
  };
  return {
    requestsPerSecond: figure('rps'),
    medianMs: figure('p50_latency_ms'),
    p99Ms: figure('p99_latency_ms'),
  };
}

/**
 * A script for bash that writes `perSecond` keys each second, in bursts: redis-benchmark itself knows no
 * rate. A burst that takes longer than its time is followed by the next one at once.
 */
export function loadCommand(host: string, perSecond: number, seconds: number): string {
  const count = Math.round(perSecond / burstsPerSecond);
  const size = `-c 8 -P 10 -n ${count} -r 100000 -d 100 -t set -q`;
  return [
    'now() { echo $((${EPOCHREALTIME/./} / 1000)); }',
    'next=$(now)',
    `end=$((next + ${seconds * 1000}))`,
    'while [ "$next" -lt "$end" ]; do',
    `redis-benchmark -h ${host} -a "$REDISCLI_AUTH" ${size} >/dev/null 2>&1 || exit 1`,
    `next=$((next + ${1000 / burstsPerSecond}))`,
    'left=$((next - $(now)))',
    'if [ "$left" -gt 0 ]; then sleep "$(printf 0.%03d "$left")"; else next=$(now); fi',
    'done',
  ].join('\n');
}
