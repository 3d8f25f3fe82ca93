import { deletePod, killPodAndEmpty } from '../experiment/strike.ts';
import { lose } from './s03-leader-killed.ts';
import { keepKeys, volatile } from './s05-empty-leader.ts';
import type { Scenario } from './scenario.ts';

/** A leader's pod is back within the lease duration, with an empty disk. */
export const emptyPod: Scenario = {
  id: 'S6',
  holds: 'a leader whose pod is back within the lease duration and empty wipes nobody',
  cases: [
    {
      ...{ name: 'containers back empty', install: volatile, mayLose: 'unreplicated' },
      play: (trial) => keepKeys(trial, lose(killPodAndEmpty)),
    },
    {
      ...{ name: 'new pod with nothing', install: volatile, mayLose: 'unreplicated' },
      play: (trial) => keepKeys(trial, lose(deletePod)),
    },
  ],
};
