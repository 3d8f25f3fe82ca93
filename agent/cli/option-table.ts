import minimist from 'minimist';
import { AgentError } from '../errors.ts';

/** How one option is written, and what it becomes. */
export interface Option<T> {
  /** What is allowed, for messages: `a port, 1 to 65535`. */
  readonly allows: string;
  /** `undefined` when the text is not allowed. */
  readonly parse: (text: string) => T | undefined;
  /** What it is without being given; absent for an option that must be given. */
  readonly otherwise?: T;
}

/** The options of one command, by name without the dashes. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** What a table becomes: each option with its value. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer T> ? T : never;
};

/**
 * Reads the arguments after the command.
 *
 * Everything that minimist would let pass is refused: an unknown option, one that is given twice,
 * one without its value, and words that belong to no option.
 *
 * @throws AgentError `usage`: one sentence with the option, what was found, and what is allowed.
 */
export function parseOptions<Table extends OptionTable>(
  command: string,
  table: Table,
  args: readonly string[],
): OptionValues<Table> {
  const names = Object.keys(table);
  // minimist stumbles over names that every object has.
  const trap = args.find((word) => (/^--([^=]+)/.exec(word)?.[1] ?? '') in Object.prototype);
  if (trap !== undefined) throw unknownOption(command, trap, names);
  // All are strings: a pod named 0123 must not become a number.
  const given = minimist<Record<string, unknown>>([...args], {
    string: ['_', ...names],
    unknown: (word) => {
      if (word.startsWith('-')) throw unknownOption(command, word, names);
      return true;
    },
  });
  const [stray] = given._;
  if (stray !== undefined) {
    const known = names.length === 0 ? 'it takes no options' : `options begin with '--'`;
    throw usage(`regent ${command}: found '${stray}', which belongs to no option; ${known}`);
  }
  const values = names.map((name) => [name, valueOf(name, table[name], given[name])]);
  return Object.fromEntries(values) as OptionValues<Table>;
}

function valueOf(name: string, option: Option<unknown> | undefined, given: unknown): unknown {
  if (option === undefined) throw usage(`--${name}: no such option`);
  const { allows, parse } = option;
  if (given === undefined) {
    if ('otherwise' in option) return option.otherwise;
    throw usage(`--${name} is missing: ${allows} is needed`);
  }
  if (Array.isArray(given)) {
    const found = given.map((one) => `'${String(one)}'`).join(', ');
    throw usage(`--${name} is given ${given.length} times (${found}): once is allowed`);
  }
  if (typeof given !== 'string') throw usage(`--no-${name}: no such option`);
  const value = parse(given);
  if (value === undefined) throw usage(`--${name}: found '${given}', allowed is ${allows}`);
  return value;
}

function unknownOption(command: string, word: string, names: readonly string[]): AgentError {
  const [option = word] = word.split('=');
  const allowed = names.map((name) => `--${name}`).join(', ');
  const known = allowed === '' ? 'it takes none' : `allowed are ${allowed}`;
  return usage(`regent ${command}: unknown option '${option}'; ${known}`);
}

/** What is wrong with the command line. */
export function usage(sentence: string): AgentError {
  return new AgentError('usage', sentence);
}

/** Text of which the whole matches. */
export function text(allows: string, pattern: RegExp): Option<string> {
  return { allows, parse: (given) => (pattern.test(given) ? given : undefined) };
}

/** A whole number in decimal digits. */
export function whole(what: string, min: number, max: number): Option<number> {
  return {
    allows: `${what}, ${min} to ${max}`,
    parse: (given) => {
      const value = Number(given);
      return /^\d{1,10}$/.test(given) && value >= min && value <= max ? value : undefined;
    },
  };
}

/** A port. */
export const port: Option<number> = whole('a port', 1, 65_535);

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const nameMax = 253;

/** A name in the DNS, as Kubernetes gives them to pods. */
export const dnsName: Option<string> = text(
  'a lower-case DNS name',
  new RegExp(`^(?=.{1,${nameMax}}$)${label}(?:\\.${label})*$`),
);

/** True when it is given. */
export const flag: Option<boolean> = {
  allows: 'no value',
  parse: (given) => (given === '' ? true : undefined),
  otherwise: false,
};

/** One of some words. */
export function choice<const Word extends string>(words: readonly Word[]): Option<Word> {
  return {
    allows: `one of ${words.join(', ')}`,
    parse: (given) => words.find((word) => word === given),
  };
}

/** An option that may be left out. */
export function otherwise<T, const U>(option: Option<T>, value: U): Option<T | U> {
  return { ...option, otherwise: value };
}
