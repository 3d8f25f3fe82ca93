/** An object of which nobody has checked anything yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** The fields of parsed JSON; none when it is no object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
