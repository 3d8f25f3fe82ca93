import { readJsonFile, writeWhole } from '../json-file.ts';
import { UsageError } from '../options.ts';
import type { Sample } from './sample.ts';
import { samplesOf, seriesOf, type Series } from './series.ts';

/** What the figures were measured on. */
export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
  /** As `uname -sr` has it. */
  readonly kernel: string;
  /** Load averages of 1, 5 and 15 minutes before the first run. */
  readonly loadBefore: readonly number[];
}

/** All that one call of `scripts/bench` has measured. */
export interface Results {
  /** ISO 8601. */
  readonly startedAt: string;
  /** The command line, to be typed again. */
  readonly command: string;
  /** The commit that was measured; `+` at its end when files had been changed since. */
  readonly commit: string;
  readonly machine: Machine;
  /** Versions of what took part, by what they are versions of. */
  readonly versions: Readonly<Record<string, string>>;
  readonly samples: readonly Sample[];
}

/** The head of results: all but what comes in while it is measured. */
export type Circumstances = Omit<Results, 'samples'>;

/** The content of a file of results. */
interface ResultsFile extends Circumstances {
  readonly series: readonly Series[];
}

/** Reads results that are in a file; `null` when there is no such file. */
export async function readResults(file: string): Promise<Results | null> {
  const found = await readJsonFile(file, {
    isContent: isResultsFile,
    name: 'results of scripts/bench',
    unreadable: 'the results cannot be read',
  });
  if (found === null) return null;
  const { series, ...circumstances } = found;
  return { ...circumstances, samples: samplesOf(series) };
}

function isResultsFile(value: unknown): value is ResultsFile {
  if (typeof value !== 'object' || value === null) return false;
  const { series, machine, versions, commit } = value as Partial<ResultsFile>;
  const objects = [series, machine, versions];
  return Array.isArray(series) && objects.every(Boolean) && typeof commit === 'string';
}

/** JSON that a person can read too: one line for all runs of a measure. */
function textOf({ samples, ...circumstances }: Results): string {
  const head = JSON.stringify(circumstances, null, 2).replace(/\n\}$/, '');
  const lines = seriesOf(samples).map((series) => `    ${JSON.stringify(series)}`);
  return `${head},\n  "series": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

/** Results that grow, in a file that is whole after every run. */
export class ResultsBook {
  readonly #file: string | null;
  #results: Results;

  private constructor(file: string | null, results: Results) {
    this.#file = file;
    this.#results = results;
  }

  /**
   * Begins a book, or goes on with the one that is in the file.
   *
   * @param file where it is kept; `null` for nowhere
   * @param isResumed go on with what is there
   * @throws UsageError when the file is there and must not be gone on with
   */
  static async open(
    file: string | null,
    circumstances: Circumstances,
    isResumed: boolean,
  ): Promise<ResultsBook> {
    const found = file === null ? null : await readResults(file);
    if (found !== null) assertResumable(found, circumstances, isResumed);
    const book = new ResultsBook(file, found ?? { ...circumstances, samples: [] });
    await book.#save();
    return book;
  }

  get results(): Results {
    return this.#results;
  }

  /** Adds what one run has shown, all at once: a run is in the file as a whole or not at all. */
  async add(samples: readonly Sample[]): Promise<void> {
    this.#results = { ...this.#results, samples: [...this.#results.samples, ...samples] };
    await this.#save();
  }

  /** Keeps the version of something that takes part. */
  async addVersion(name: string, version: string): Promise<void> {
    this.#results = {
      ...this.#results,
      versions: { ...this.#results.versions, [name]: version },
    };
    await this.#save();
  }

  /** Whether some run is there already. */
  has(wanted: Pick<Sample, 'benchmark' | 'subject' | 'event' | 'run'>): boolean {
    return this.#results.samples.some(
      ({ benchmark, subject, event, run }) =>
        benchmark === wanted.benchmark &&
        subject === wanted.subject &&
        event === wanted.event &&
        run === wanted.run,
    );
  }

  async #save(): Promise<void> {
    if (this.#file !== null) await writeWhole(this.#file, textOf(this.#results));
  }
}

function assertResumable(found: Results, now: Circumstances, isResumed: boolean): void {
  if (!isResumed) {
    throw new UsageError('--json names a file that has results; --resume adds what they lack');
  }
  const differences = [
    ...(found.commit === now.commit ? [] : [`commit ${found.commit}, and this is ${now.commit}`]),
    ...(found.machine.cores === now.machine.cores && found.machine.kernel === now.machine.kernel
      ? []
      : [`a machine with ${found.machine.cores} cores and ${found.machine.kernel}`]),
  ];
  if (differences.length === 0) return;
  throw new UsageError(`--resume: the results are of ${differences.join(', and of ')}`);
}
