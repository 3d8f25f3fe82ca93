import { jest, test } from '@jest/globals';
import { killRedisAndEmpty } from '../../scripts/experiment/strike.ts';
import { loseLeaders } from './leader-lost.ts';
import { onScene, scenarioTimeoutMs } from './scene.ts';

jest.setTimeout(scenarioTimeoutMs);

test('a leader that is back at once with an empty data set wipes nobody and becomes a replica', () =>
  onScene({ name: 'empty-leader', values: ['master.persistence.enabled=false'] }, (scene) =>
    loseLeaders(scene, 'leader back empty', killRedisAndEmpty),
  ));
