import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkloadRecord } from '../workload/record.ts';
import { wallClockMs } from '../workload/wall-clock.ts';
import { ended } from './command.ts';

/** Questions after which the clocks of two machines are known well enough. */
const clockQuestions = 7;
/** How often something that is waited for is looked at, in milliseconds. */
const lookMs = 5;

/** A program that is out of reach is given up after this, in milliseconds. */
const stopMaxMs = 15_000;

/** A record of one kind. */
export type RecordOf<Kind extends WorkloadRecord['kind']> = Extract<WorkloadRecord, { kind: Kind }>;

/** What is waited for, and how long at most. */
export interface Wait {
  readonly what: string;
  readonly timeoutMs: number;
}

/** A program of the workload that runs in the cluster, and all that it has said so far. */
export class Session {
  readonly records: WorkloadRecord[] = [];
  readonly #child: ChildProcess;
  readonly #complaints: Promise<string>;
  #arrivedMs = 0;
  /** All that it said was read: it may have ended before its last words are here. */
  #isOver = false;

  constructor(child: ChildProcess) {
    if (child.stdout === null || child.stderr === null) throw new Error('the child has no pipes');
    this.#child = child;
    this.#complaints = text(child.stderr);
    // One that has ended reads no more. Whoever waits for it is told of its end.
    child.stdin?.on('error', () => undefined);
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      this.#arrivedMs = wallClockMs();
      this.records.push(JSON.parse(line) as WorkloadRecord);
    });
    lines.on('close', () => (this.#isOver = true));
  }

  /** All records of one kind, in the order in which they were made. */
  of<Kind extends WorkloadRecord['kind']>(kind: Kind): RecordOf<Kind>[] {
    return this.records.filter((record): record is RecordOf<Kind> => record.kind === kind);
  }

  /** Resolves with what `look` finds in the records; rejects when time or program have ended. */
  async until<Found>(look: () => Found | undefined, wait: Wait): Promise<Found> {
    const untilMs = performance.now() + wait.timeoutMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.#isOver) {
        throw new Error(`${wait.what}: the program has ended: ${await this.#complaints}`);
      }
      if (performance.now() > untilMs) {
        const last = JSON.stringify(this.records.at(-1));
        throw new Error(
          `${wait.what}: not within ${wait.timeoutMs} ms; the last record is ${last}`,
        );
      }
      await sleep(lookMs);
    }
  }

  /** What to add to an instant of this machine for the same instant on the program's machine. */
  async clockDifferenceMs(): Promise<number> {
    const best = { differenceMs: 0, tripMs: Infinity };
    for (let question = 0; question < clockQuestions; question += 1) {
      const known = this.records.length;
      const askedMs = wallClockMs();
      this.tell();
      // The records of a writer come in between, but the last one's arrival is late by little.
      const answer = await this.until(
        () => this.records.slice(known).find((record) => record.kind === 'clock'),
        { what: 'the time on the machine', timeoutMs: 10_000 },
      );
      const tripMs = this.#arrivedMs - askedMs;
      if (tripMs >= best.tripMs) continue;
      Object.assign(best, { differenceMs: answer.atMs - askedMs - tripMs / 2, tripMs });
    }
    return best.differenceMs;
  }

  /** Gives the program a line to read. */
  tell(): void {
    this.#child.stdin?.write('\n');
  }

  /** Tells the program that it is done, and waits for its end. */
  async stop(): Promise<void> {
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill(), stopMaxMs);
    await ended(this.#child);
    clearTimeout(timer);
  }
}
