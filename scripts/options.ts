import minimist from 'minimist';

/** The command line is wrong. The message names the option, the value, and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options that a program takes. */
export interface OptionNames {
  /** Those with a value: `--name value` or `--name=value`. */
  readonly values: readonly string[];
  /** Those without: `--name`. */
  readonly flags: readonly string[];
}

/** A command line, read once. Each question about an option checks its value. */
export class Options {
  /** What is no option, in the order given. */
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, string>;
  readonly #flags: ReadonlySet<string>;

  constructor(argv: readonly string[], names: OptionNames) {
    const unknown: string[] = [];
    const parsed: Record<string, unknown> = minimist([...argv], {
      string: ['_', ...names.values],
      boolean: [...names.flags],
      unknown: (word) => {
        if (word.startsWith('-')) unknown.push(word);
        return !word.startsWith('-');
      },
    });
    if (unknown[0] !== undefined) throw new UsageError(refusal(unknown[0], names));
    this.operands = (parsed['_'] as unknown[]).map(String);
    this.#flags = new Set(names.flags.filter((name) => parsed[name] === true));
    this.#values = new Map(
      names.values.flatMap((name) => {
        const value = parsed[name];
        return value === undefined ? [] : [[name, single(name, value)] as const];
      }),
    );
  }

  /** A value as given, `null` when it was not. */
  text(name: string): string | null {
    return this.#values.get(name) ?? null;
  }

  /** Words with commas between them, `null` when none were given. */
  list(name: string): readonly string[] | null {
    return (
      this.text(name)
        ?.split(',')
        .map((word) => word.trim()) ?? null
    );
  }

  /** Whether a flag was given. */
  flag(name: string): boolean {
    return this.#flags.has(name);
  }

  /** A whole number between two bounds, `fallback` when not given. */
  count(name: string, bounds: { from: number; to: number; fallback: number }): number {
    const value = this.text(name);
    if (value === null) return bounds.fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= bounds.from && number <= bounds.to) return number;
    throw new UsageError(
      `--${name} is '${value}'; allowed is a whole number from ${bounds.from} to ${bounds.to}`,
    );
  }

  /** One of a few words, the first of them when not given. */
  choice<Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word {
    const value = this.text(name) ?? words[0];
    const word = words.find((one) => one === value);
    if (word !== undefined) return word;
    throw new UsageError(`--${name} is '${value}'; allowed are ${words.join(', ')}`);
  }
}

function single(name: string, value: unknown): string {
  if (Array.isArray(value)) throw new UsageError(`--${name} is given ${value.length} times`);
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError(`--${name} needs a value`);
}

function refusal(word: string, names: OptionNames): string {
  const allowed = [...names.values, ...names.flags].map((name) => `--${name}`);
  const name = word.split('=', 1)[0] ?? word;
  return `there is no option '${name}'; allowed are ${allowed.join(', ')}`;
}
