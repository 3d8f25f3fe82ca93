import { Concert, type MakeFault } from './concert.ts';
import { Director, type Part } from './director.ts';
import type { Outcome } from './outcome.ts';
import { isDisturbing } from './scenario.ts';
import type { Ground } from './stage.ts';

/** One run of a case. */
export interface Showing {
  readonly part: Part;
  /** Counted from 1. */
  readonly run: number;
}

/** Is told what is played, and gets it back when it is done. */
export type Usher = (showing: Showing, playing: Promise<Outcome>) => Promise<Outcome>;

type Perform = (director: Director, showing: Showing, makeFault?: MakeFault) => Promise<void>;

/** How many sets are played with at once, and what their namespaces begin with. */
export interface TheatreOptions {
  readonly prefix: string;
  readonly stageCount: number;
}

/** Plays cases, several of them at once where they do not get into each other's way. */
export class Theatre {
  readonly #directors: readonly Director[];
  #isInterrupted = false;

  constructor(ground: Ground, { prefix, stageCount }: TheatreOptions) {
    const numbers = Array.from({ length: stageCount }, (_, index) => index + 1);
    const names = numbers.map((number) => (stageCount === 1 ? prefix : `${prefix}-${number}`));
    this.#directors = names.map((name) => new Director(ground, name));
  }

  /**
   * Plays all showings: those that would disturb others after the others, one by one or, where they go
   * through the same fault, together.
   *
   * @returns what comes of each, in the order given. None of the promises rejects
   */
  play(showings: readonly Showing[], usher: Usher = (_, playing) => playing): Promise<Outcome>[] {
    const waiting = new Map(showings.map((one) => [one, Promise.withResolvers<Outcome>()]));
    const perform: Perform = async (director, showing, makeFault) => {
      const playing = this.#unlessInterrupted(director.play(showing.part, showing.run, makeFault));
      waiting.get(showing)?.resolve(await usher(showing, playing));
    };
    void this.#playAll(new Queue(showings), perform);
    return [...waiting.values()].map(({ promise }) => promise);
  }

  async #playAll(queue: Queue, perform: Perform): Promise<void> {
    const [first, ...others] = this.#directors;
    if (first === undefined) return;
    const playPeaceful = async (director: Director): Promise<void> => {
      const take = (): Showing | undefined => queue.takePeaceful(director.installed);
      for (let next = take(); next !== undefined; next = take()) await perform(director, next);
    };
    await Promise.all(this.#directors.map(playPeaceful));
    const takeGroup = (): Showing[] => queue.takeTogether(this.#directors.length);
    for (let group = takeGroup(); group.length > 0; group = takeGroup()) {
      await this.#playTogether(group, perform);
    }
    // A set that nobody plays with has no part in what follows.
    for (const director of others) await director.end(false);
    const take = (): Showing | undefined => queue.takeAny(first.installed);
    for (let next = take(); next !== undefined; next = take()) await perform(first, next);
  }

  async #playTogether(group: readonly Showing[], perform: Perform): Promise<void> {
    const concert = new Concert(group);
    const players = group.map(async (showing, index) => {
      const director = this.#directors[index];
      if (director === undefined) return;
      await perform(director, showing, concert.faultFor(showing));
      concert.leave(showing);
    });
    await Promise.all(players);
  }

  /** What is broken off is no run, and nothing is played after it. */
  async interrupt(isKept: boolean): Promise<void> {
    this.#isInterrupted = true;
    await this.end(isKept);
  }

  async #unlessInterrupted(playing: Promise<Outcome>): Promise<Outcome> {
    const outcome = await playing;
    return this.#isInterrupted ? new Promise(() => undefined) : outcome;
  }

  /** Removes what is installed, unless it is to be kept. */
  async end(isKept: boolean): Promise<void> {
    for (const director of this.#directors) await director.end(isKept);
  }
}

/** What is still to be played. */
export class Queue {
  readonly #showings: Showing[];

  constructor(showings: readonly Showing[]) {
    this.#showings = [...showings];
  }

  /** The next that does not disturb others, if possible one that needs no new installation. */
  takePeaceful(installed: string | null): Showing | undefined {
    return this.#take(installed, ({ part }) => !isDisturbing(part.case));
  }

  /** The next that go through the same fault, `countMax` of them at most; none when none are left. */
  takeTogether(countMax: number): Showing[] {
    const first = this.#showings.find(({ part }) => part.case.together !== undefined);
    const isWith = ({ part }: Showing): boolean => part.case.together === first?.part.case.together;
    const group = first === undefined ? [] : this.#showings.filter(isWith).slice(0, countMax);
    for (const taken of group) this.#showings.splice(this.#showings.indexOf(taken), 1);
    return group;
  }

  /** The next of those that are left, if possible one that needs no new installation. */
  takeAny(installed: string | null): Showing | undefined {
    return this.#take(installed, () => true);
  }

  #take(installed: string | null, mayBe: (showing: Showing) => boolean): Showing | undefined {
    const possible = this.#showings.filter(mayBe);
    const same = possible.find(({ part }) => JSON.stringify(part.case.install ?? {}) === installed);
    const taken = same ?? possible[0];
    if (taken !== undefined) this.#showings.splice(this.#showings.indexOf(taken), 1);
    return taken;
  }
}
