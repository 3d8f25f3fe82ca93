import { bootstrap } from './s01-bootstrap.ts';
import { leaderEndpoint } from './s02-leader-endpoint.ts';
import { leaderKilled } from './s03-leader-killed.ts';
import { plannedChange } from './s04-planned-change.ts';
import { emptyLeader } from './s05-empty-leader.ts';
import { emptyPod } from './s06-empty-pod.ts';
import { followerRestarts } from './s07-follower-restarts.ts';
import { agentRestarts } from './s08-agent-restarts.ts';
import { redisHangs } from './s09-redis-hangs.ts';
import { machineCutOff } from './s10-machine-cut-off.ts';
import { successor } from './s11-successor.ts';
import { wrecks } from './s12-wrecks.ts';
import { apiAway } from './s13-api-away.ts';
import { scale } from './s14-scale.ts';
import { operations } from './s15-operations.ts';
import { soak } from './soak.ts';
import type { Scenario } from './scenario.ts';

/** All scenarios, in their order. */
export const catalogue: readonly Scenario[] = [
  ...[bootstrap, leaderEndpoint, leaderKilled, plannedChange, emptyLeader, emptyPod],
  ...[followerRestarts, agentRestarts, redisHangs, machineCutOff, successor, wrecks],
  ...[apiAway, scale, operations, soak],
];
