/**
 * A closed JSON schema (draft-07) of the chart's values. A typing error fails with its path and
 * with the names that are known there; a value that the chart knows but does not take fails with
 * its hint, because beside what asks for nothing the hint is the only value that the schema allows.
 */

/** One value as the comments of values.yaml describe it. */
export interface Value {
  /** Its keys, joined by dots. */
  readonly path: string;
  /** What is allowed: `bool`, `string`, `int 1..9`, `list`, `object`, or words between bars. */
  readonly type: string;
  readonly default: string;
  /** Empty when the value has no comment. */
  readonly meaning: string;
}

/** Values that are not taken: the hint by path. */
export type Refused = Readonly<Record<string, string>>;

/** A JSON schema, as far as this program writes one. */
export interface Schema {
  $schema?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  if?: Schema;
  else?: Schema;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean;
  propertyNames?: Schema;
}

/** Keys that Helm or a parent chart puts beside the chart's own ones. */
const parentKeys: Readonly<Record<string, Schema>> = {
  common: { type: 'object', description: 'Values of the library chart, which has none.' },
  condition: { description: "A parent chart's switch." },
  enabled: { description: "A parent chart's switch." },
  tags: { description: "A parent chart's switches." },
};

const hintOfSwitch = 'left false: ';

/** Ask for nothing, so that they may stand at a value that is not taken. */
const empties = ['', null, [], {}];

/** The schema of all values. `global` belongs to the parent charts too, so it stays open. */
export function schemaOf(values: readonly Value[], refused: Refused): Schema {
  const root: Schema = { properties: {} };
  for (const [path, hint] of Object.entries(refused)) {
    const isSwitch = hint.startsWith(hintOfSwitch);
    const taken = { enum: isSwitch ? [false, ...empties] : [...empties] };
    place(root, path, { description: hint, if: taken, else: { enum: [hint] } });
  }
  // Groups that exist only because one of their switches is refused take anything else.
  const open = new Set(groups(root));
  for (const value of values) {
    const described: Schema = { description: value.meaning, ...typeSchema(value.type) };
    for (const group of place(root, value.path, described)) open.delete(group);
  }
  for (const group of groups(root)) if (!open.has(group)) close(group);
  const properties = { ...parentKeys, ...root.properties };
  const title = 'Values of the chart';
  const closed: Schema = { ...root, properties };
  close(closed);
  for (const group of groups(properties['global'] ?? {})) reopen(group);
  reopen(properties['global'] ?? {});
  return { $schema: 'http://json-schema.org/draft-07/schema#', title, type: 'object', ...closed };
}

/** Puts a schema at a path, and returns the groups on the way. */
function place(root: Schema, path: string, schema: Schema): readonly Schema[] {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const way: Schema[] = [];
  let group = root;
  for (const key of keys) {
    const properties: Record<string, Schema> = (group.properties ??= {});
    group = properties[key] ??= { type: 'object', properties: {} };
    way.push(group);
  }
  (group.properties ??= {})[last] = schema;
  return way;
}

/** All groups below a schema. */
function groups(schema: Schema): readonly Schema[] {
  return Object.values(schema.properties ?? {})
    .filter((inner) => inner.properties !== undefined)
    .flatMap((inner) => [inner, ...groups(inner)]);
}

function close(group: Schema): void {
  group.additionalProperties = false;
  // Says the same once more, for its failure lists the names that are known.
  group.propertyNames = { enum: Object.keys(group.properties ?? {}).sort() };
}

function reopen(group: Schema): void {
  delete group.additionalProperties;
  delete group.propertyNames;
}

/** What a type allows. */
export function typeSchema(type: string): Schema {
  const alternatives = type.split('|').map((word) => alternative(word.trim()));
  const [first] = alternatives;
  if (first !== undefined && alternatives.length === 1) return first;
  const words = alternatives.flatMap((one) => one.enum ?? []);
  const types = alternatives.flatMap((one) => one.type ?? []);
  const isBounded = alternatives.some((one) => 'minimum' in one || 'maximum' in one);
  if (types.length === 0) return { enum: words };
  if (words.length === 0 && !isBounded) return { type: types };
  // Bounds hold for numbers only, so the types can stand beside them.
  if (words.length === 0) return Object.assign({}, ...alternatives, { type: types }) as Schema;
  return { anyOf: alternatives };
}

function alternative(word: string): Schema {
  const [name = '', bounds] = word.split(' ');
  switch (name) {
    case 'bool':
      return { type: 'boolean' };
    case 'string':
    case 'object':
      return { type: name };
    case 'list':
      return { type: 'array' };
    case 'null':
      return { type: 'null' };
    case 'int':
      return { type: 'integer', ...limits(bounds) };
    default:
      return { enum: [/^("|\d+$|true$|false$)/.test(word) ? (JSON.parse(word) as unknown) : word] };
  }
}

/** Bounds such as `1..65535` or `0..`. */
function limits(bounds: string | undefined): Schema {
  const [minimum = '', maximum = ''] = bounds?.split('..') ?? [];
  return {
    ...(minimum === '' ? {} : { minimum: Number(minimum) }),
    ...(maximum === '' ? {} : { maximum: Number(maximum) }),
  };
}
