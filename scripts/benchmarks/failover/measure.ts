import type { Way } from './system.ts';

/** What is measured on each way on which applications come to the primary. */
const measures = {
  gap: 'write gap',
  lost: 'acknowledged writes lost',
  stale: 'reads served wrongly',
} as const;
/** A key of `measures`. */
export type MeasureKind = keyof typeof measures;

/** The name of a measure in the results: `write gap, Service`. */
export function measureOn(kind: MeasureKind, way: Way['name']): string {
  return `${measures[kind]}, ${way}`;
}

/** Whether a name in the results is one of that measure. */
export function isOf(kind: MeasureKind, measure: string): boolean {
  return measure.startsWith(`${measures[kind]}, `);
}

/** The way of a measure's name. */
export function wayOf(measure: string): string {
  return measure.slice(measure.indexOf(', ') + 2);
}
