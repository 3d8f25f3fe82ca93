import { fault } from '../experiment/machine-post.ts';

/** Undoes a fault. */
export type Undo = () => Promise<void>;
/** Does something to the cluster, with the words that do it and those that undo it. */
export type MakeFault = (words: readonly string[], undo: readonly string[]) => Promise<Undo>;

/**
 * One fault of the whole cluster that several trials go through together: it begins when all are ready
 * for it, and ends when all are done with it. A trial that fails is waited for no longer.
 */
export class Concert<Player> {
  readonly #ready: Meeting<Player>;
  readonly #done: Meeting<Player>;
  readonly #makeFault: MakeFault;
  #begun: Promise<Undo> | null = null;
  #ended: Promise<void> | null = null;

  constructor(players: readonly Player[], makeFault: MakeFault = fault) {
    this.#ready = new Meeting(players);
    this.#done = new Meeting(players);
    this.#makeFault = makeFault;
  }

  /** What makes the fault for one of them. All name the same fault. */
  faultFor(player: Player): MakeFault {
    return async (words, undo) => {
      await this.#ready.come(player);
      this.#begun ??= this.#makeFault(words, undo);
      const end = await this.#begun;
      return async () => {
        await this.#done.come(player);
        this.#ended ??= end();
        await this.#ended;
      };
    };
  }

  /** That one has no more to do with it. */
  leave(player: Player): void {
    void this.#ready.come(player);
    void this.#done.come(player);
  }
}

/** Waits until everybody is there. */
class Meeting<Player> {
  readonly #missing: Set<Player>;
  readonly #all = Promise.withResolvers<undefined>();

  constructor(players: readonly Player[]) {
    this.#missing = new Set(players);
  }

  async come(player: Player): Promise<void> {
    this.#missing.delete(player);
    if (this.#missing.size === 0) this.#all.resolve(undefined);
    await this.#all.promise;
  }
}
