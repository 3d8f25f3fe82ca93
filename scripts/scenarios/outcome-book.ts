import { readJsonFile, writeWhole, type Expected } from '../json-file.ts';
import { UsageError } from '../options.ts';
import type { Outcome } from './outcome.ts';

/** Outcomes that grow, in a file that is whole after every run. */
export class OutcomeBook {
  readonly #file: string | null;
  readonly #outcomes: Outcome[];
  #saved: Promise<void> = Promise.resolve();

  private constructor(file: string | null, outcomes: Outcome[]) {
    this.#file = file;
    this.#outcomes = outcomes;
  }

  /**
   * Begins a book, or goes on with the one that is in the file.
   *
   * @param file where it is kept; `null` for nowhere
   * @throws UsageError when the file is there and must not be gone on with, or is no such file
   */
  static async open(file: string | null, isResumed: boolean): Promise<OutcomeBook> {
    const found = file === null ? [] : ((await readJsonFile(file, expected)) ?? []);
    if (found.length > 0 && !isResumed) {
      throw new UsageError('--json names a file that has runs; --resume adds what they lack');
    }
    const book = new OutcomeBook(file, found);
    // Said now, not after hours, when it cannot be written.
    await book.#save();
    return book;
  }

  get outcomes(): readonly Outcome[] {
    return this.#outcomes;
  }

  /** Whether that run is there already. */
  has(wanted: Pick<Outcome, 'scenario' | 'case' | 'run'>): boolean {
    return this.#outcomes.some(
      (one) =>
        one.scenario === wanted.scenario && one.case === wanted.case && one.run === wanted.run,
    );
  }

  /** Adds a run. */
  async add(outcome: Outcome): Promise<void> {
    this.#outcomes.push(outcome);
    await this.#save();
  }

  /** Several sets may end at once: what is written last has all that came before. */
  #save(): Promise<void> {
    this.#saved = this.#saved.then(() => this.#write());
    return this.#saved;
  }

  async #write(): Promise<void> {
    if (this.#file === null) return;
    await writeWhole(this.#file, `${JSON.stringify(this.#outcomes, null, 2)}\n`);
  }
}

const expected: Expected<Outcome[]> = {
  isContent: (value) => Array.isArray(value) && value.every(isOutcome),
  name: 'runs of scripts/acceptance',
  unreadable: '--json',
};

function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== 'object' || value === null) return false;
  const { scenario, run, objections } = value as Partial<Outcome>;
  return typeof scenario === 'string' && typeof run === 'number' && Array.isArray(objections);
}
