import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A JSON schema, or the OpenAPI kind of one. */
type Schema = Readonly<Record<string, unknown>>;

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const kindsKey = 'x-kubernetes-group-version-kind';
const definitionsFile = '_definitions.json';

/**
 * Writes a closed JSON schema for each kind that an API server knows, for kubeconform: unknown
 * fields fail, as they do with kubectl's strict validation.
 *
 * @param openApi the server's /openapi/v2
 */
export function writeSchemas(openApi: string, folder: string): void {
  const { definitions } = JSON.parse(openApi) as { definitions: Readonly<Record<string, Schema>> };
  const closed = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [
      name,
      // A quantity may be written as a number.
      name.endsWith('.Quantity') ? { type: ['string', 'number'] } : closedSchema(schema),
    ]),
  );
  writeFileSync(join(folder, definitionsFile), JSON.stringify({ definitions: closed }));
  for (const [name, schema] of Object.entries(definitions)) {
    for (const { group, version, kind } of (schema[kindsKey] ?? []) as readonly Kind[]) {
      const [shortGroup = ''] = group.split('.');
      const file = [kind, ...(shortGroup === '' ? [] : [shortGroup]), version].join('-');
      const text = JSON.stringify({ $ref: `${definitionsFile}#/definitions/${name}` });
      writeFileSync(join(folder, `${file.toLowerCase()}.json`), text);
    }
  }
}

function closedSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closedSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const given = schema as Schema;
  if (given['format'] === 'int-or-string') return { type: ['string', 'integer'] };
  const rewritten = Object.entries(given)
    .filter(([key]) => !key.startsWith('x-kubernetes-'))
    .map(([key, value]) => [key, rewrite(key, value)]);
  const closed = Object.fromEntries(rewritten) as Schema;
  const isOpen = !('properties' in closed) || 'additionalProperties' in closed;
  return isOpen ? closed : { ...closed, additionalProperties: false };
}

function rewrite(key: string, value: unknown): unknown {
  if (key === '$ref') return String(value).replace('#/', `${definitionsFile}#/`);
  if (key !== 'properties') return closedSchema(value);
  const properties = Object.entries(value as Schema);
  return Object.fromEntries(properties.map(([name, one]) => [name, closedSchema(one)]));
}
