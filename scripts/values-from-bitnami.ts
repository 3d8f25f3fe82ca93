/**
 * The page that tells what this chart makes of each value of bitnami/redis. What becomes of a value
 * is read from the chart's own schema, which is what decides.
 */
import type { Schema } from './values-schema.ts';

/** What becomes of a value of bitnami/redis. */
export type Verdict =
  | { readonly kind: 'honoured' }
  /** Taken and changes nothing, with the reason; or refused, with what to write instead. */
  | { readonly kind: 'idle' | 'refused'; readonly sentence: string }
  /** The schema knows nothing of it: a gap. */
  | { readonly kind: 'unknown' };

const honoured: Verdict = { kind: 'honoured' };

/** How a value says of itself that it changes nothing, and why. */
const idle =
  /^(?:Accepted (?:and not needed|and without effect|with either value)|No effect)[:.] (.+)\.$/;

/** What the schema says of a value, by its path. */
export function verdictOn(path: string, schema: Schema): Verdict {
  let group = schema;
  for (const key of path.split('.')) {
    const inner = group.properties?.[key];
    // Below a value without keys of its own, such as resources, everything is Kubernetes' own.
    if (inner === undefined) return group.properties === undefined ? honoured : beside(group);
    const hint = hintOf(inner);
    if (hint !== null) return { kind: 'refused', sentence: hint };
    const { description = '' } = inner;
    const [, other] = /^The same as `(.+)`\.$/.exec(description) ?? [];
    if (other !== undefined) return verdictOn(other, schema);
    const [, sentence] = idle.exec(description) ?? [];
    if (sentence !== undefined) return { kind: 'idle', sentence };
    group = inner;
  }
  return honoured;
}

/** A group whose switch is refused takes the rest of its values, which wait for the switch. */
function beside(group: Schema): Verdict {
  const hint = hintOf(group.properties?.['enabled'] ?? {});
  const isOpen = group.additionalProperties === undefined;
  return isOpen && hint !== null ? { kind: 'refused', sentence: hint } : { kind: 'unknown' };
}

function hintOf(schema: Schema): string | null {
  const [hint] = schema.else?.enum ?? [];
  return typeof hint === 'string' ? hint : null;
}

/** Verdicts that are equal belong in one line. */
function textOf(verdict: Verdict): string {
  return 'sentence' in verdict ? `${verdict.kind}: ${verdict.sentence}` : verdict.kind;
}

interface Line {
  readonly path: string;
  readonly verdict: Verdict;
}

/** The values below a prefix, with groups of equal verdicts drawn together as `group.*`. */
function linesOf(paths: readonly string[], schema: Schema, prefix = ''): readonly Line[] {
  const keys = [...new Set(paths.map((path) => path.slice(prefix.length).split('.')[0] ?? ''))];
  return keys.flatMap((key) => {
    const own = `${prefix}${key}`;
    const below = paths.filter((path) => path.startsWith(`${own}.`));
    const [verdict, ...others] = (below.length === 0 ? [own] : below).map((path) =>
      verdictOn(path, schema),
    );
    if (verdict === undefined) return [];
    const areEqual = others.every((other) => textOf(other) === textOf(verdict));
    if (!areEqual) return linesOf(below, schema, `${own}.`);
    return [{ path: below.length === 0 ? own : `${own}.*`, verdict }];
  });
}

/** Values in one section of the page: those of one group, and those that stand alone. */
function sections(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const alone = 'the whole release';
  const all = new Map<string, string[]>();
  for (const path of paths) {
    const name = path.includes('.') ? (path.split('.')[0] ?? '') : alone;
    all.set(name, [...(all.get(name) ?? []), path]);
  }
  return all;
}

function section(name: string, paths: readonly string[], schema: Schema): string {
  const lines = linesOf(paths, schema);
  const honouredOnes = lines
    .filter(({ verdict }) => verdict.kind === 'honoured')
    .map(({ path }) => `\`${path}\``);
  const rows = lines.flatMap(({ path, verdict }) =>
    'sentence' in verdict
      ? [`| \`${path}\` | ${wordOf(verdict.kind)} | ${verdict.sentence} |`]
      : [],
  );
  const table = [
    '| value | what happens | why, or what to write instead |',
    '|---|---|---|',
    ...rows,
  ];
  return [
    `## ${name}`,
    ...(honouredOnes.length === 0 ? [] : ['', `Honoured: ${honouredOnes.join(', ')}.`]),
    ...(rows.length === 0 ? [] : ['', ...table]),
  ].join('\n');
}

function wordOf(kind: 'idle' | 'refused'): string {
  return kind === 'idle' ? 'taken, no effect' : 'refused';
}

/** What a schema cannot say: values that mean what they mean there, within limits. */
const narrower: readonly string[] = [
  'Some are honoured within limits, and refused beyond them:',
  '',
  '- In `replication` every pod can lead, so `master` and `replica` are two names for the values of one pod template. Set a value',
  '  in one of them, or equally in both. `replica.replicaCount` counts all pods, as it does there with Sentinel.',
  '- `master.persistence.existingClaim` and `master.service.extraPorts` are for `standalone`: pods of a set cannot share a claim,',
  "  and the agent routes Redis' port alone.",
  '- `lifecycleHooks` take `postStart` alone in `replication`: before a stop the pod hands over.',
  '- `disableCommands` take no command that the agent, replication or the probes need.',
  '- `master.count`, `master.kind`, `replica.podManagementPolicy`, `persistence.path` and `auth.usePasswordFiles` have one value each.',
];

/**
 * The page as Markdown.
 *
 * @param paths all values of bitnami/redis
 */
export function pageOn(paths: readonly string[], schema: Schema): string {
  const parts = [...sections(paths)].map(([name, own]) => section(name, own, schema));
  return [
    '# Values of bitnami/redis in this chart',
    '',
    'Written by `node scripts/docs.ts` from the schema that refuses them.',
    '',
    'A value that is honoured means what it means there. A value that is refused fails before anything is installed, with the',
    'sentence below; an empty one asks for nothing and is taken. Commands for a move are in [migration.md](migration.md).',
    '',
    ...narrower,
    '',
    parts.join('\n\n'),
    '',
  ].join('\n');
}
