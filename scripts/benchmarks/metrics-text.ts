/** One line of metrics in Prometheus' text form. */
export interface Reading {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? +(\S+)(?: +-?\d+)?$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads metrics. Comments are left out; a line that is none throws. */
export function readings(text: string): Reading[] {
  const lines = text.split('\n').filter((one) => one !== '' && !one.startsWith('#'));
  return lines.map((one) => {
    const [, name, labels = '', value = ''] = line.exec(one) ?? [];
    if (name === undefined) throw new Error(`this is no metric: ${one}`);
    return { name, labels: labelsOf(labels), value: numberOf(value) };
  });
}

/** The sum of all readings of one name that have these labels. */
export function sumOf(
  all: readonly Reading[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const wanted = Object.entries(labels);
  return all
    .filter((one) => one.name === name)
    .filter((one) => wanted.every(([key, value]) => one.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

function labelsOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(label)].map(([, name = '', value = '']) => [
    name,
    value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** Prometheus writes infinity as `+Inf`. */
function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
