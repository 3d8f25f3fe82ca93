import { deletePod, killPod, type Strike } from '../experiment/strike.ts';
import type { Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** A leader's pod is lost, agent and Redis. */
export const leaderKilled: Scenario = {
  id: 'S3',
  holds:
    'another pod leads when the leader dies with its agent, and the lost one comes back as a replica',
  cases: [
    { name: 'pod killed', mayLose: 'unreplicated', play: lose(killPod) },
    { name: 'pod deleted by force', mayLose: 'unreplicated', play: lose(deletePod) },
  ],
};

/** Loses the leader, and asks for another one. */
export function lose(strike: Strike): (trial: Trial) => Promise<void> {
  return async (trial) => {
    const { leader, stage } = trial;
    const atMs = await trial.strike(strike);
    const { atMs: acceptedMs } = await trial.succeeded(leader, atMs);
    trial.measure('milliseconds to the first write at a pod', acceptedMs - atMs);
    const successor = await stage.whole();
    trial.demand(successor.uid !== leader.uid, `${leader.name} was lost and leads on`);
  };
}
