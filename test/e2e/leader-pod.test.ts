import { jest, test } from '@jest/globals';
import { deletePod, killPod, killRedis } from '../../scripts/experiment/strike.ts';
import { loseLeaders } from './leader-lost.ts';
import { onScene, scenarioTimeoutMs } from './scene.ts';

jest.setTimeout(scenarioTimeoutMs);

test('a leader whose Redis dies beside a living agent is replaced and comes back as a replica', () =>
  onScene({ name: 'redis-dies' }, (scene) => loseLeaders(scene, 'Redis dies', killRedis)));

test('a leader whose pod dies, agent and Redis, is replaced and comes back as a replica', () =>
  onScene({ name: 'pod-dies' }, (scene) => loseLeaders(scene, 'pod dies', killPod)));

test('a leader whose pod is deleted by force is replaced and comes back as a replica', () =>
  onScene({ name: 'pod-deleted' }, (scene) => loseLeaders(scene, 'pod deleted', deletePod)));
