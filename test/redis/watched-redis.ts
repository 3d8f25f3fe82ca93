import { timings } from '../../agent/core/timing.ts';
import { Link } from '../../agent/redis/link.ts';
import { systemClock } from '../../agent/run/clock.ts';
import { LocalRedis } from '../../agent/run/local-redis.ts';
import type { RedisProcess } from './redis-process.ts';

const { beatTimeoutMs, fenceTimeoutMs, replicaLagSeconds } = timings.default;

/** A connection to a Redis and what an agent without peers sees of it. `end` the link afterwards. */
export function watched(redis: RedisProcess, passwordFile: string | null = null): LocalRedis {
  const link = new Link({
    ...{ host: redis.host, port: redis.port, passwordFile },
    ...{ beatTimeoutMs, commandTimeoutMs: 5000, now: systemClock, onState: () => undefined },
  });
  link.start();
  return new LocalRedis(link, {
    ...{ lookTimeoutMs: fenceTimeoutMs, replicaLagSeconds, note: null },
    heard: () => ({ peers: [], inquiry: null }),
  });
}
