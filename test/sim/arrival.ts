import { newHistory } from './history.ts';
import type { Pod } from './pod.ts';
import type { World } from './world.ts';

/** A volume with the data of a set before this one, of which no Lease tells. */
export interface Inheritance {
  /** Of the pod that has it. */
  readonly ordinal: number;
  readonly keys: number;
  /** How much later than the others that pod comes: its volume was on another machine. */
  readonly lateMs: number;
}

/** The pods of a new set come, all at once or one by one. */
export function letPodsCome(world: World, together: boolean): void {
  const { prng, options } = world;
  for (const pod of world.pods) {
    const inherited = options.inheritance?.ordinal === pod.ordinal ? options.inheritance : null;
    if (inherited !== null) inherit(pod, inherited);
    const afterMs = together ? prng.between(0, 200) : prng.between(0, 8000);
    world.after(afterMs + (inherited?.lateMs ?? 0), () => {
      pod.create();
    });
  }
}

function inherit(pod: Pod, { keys }: Inheritance): void {
  const history = newHistory(null);
  history.accepted = keys;
  pod.world.checker.data.ledger.note(history);
  pod.dump = { replid: null, offset: 0, content: { history, count: keys, keys } };
}
