import { leaderKilled } from './s03-leader-killed.ts';
import { redisHangs } from './s09-redis-hangs.ts';
import type { Scenario } from './scenario.ts';

/** All scenarios, in their order. */
export const catalogue: readonly Scenario[] = [leaderKilled, redisHangs];
