import type { Figure } from './sample.ts';

/** What was measured, without when and where; `null` where it could not be had. */
export type Amount = Pick<Figure, 'measure' | 'unit' | 'value'>;

/** Which run of what, as figures have it. */
export type RunName = Pick<Figure, 'subject' | 'event' | 'run'>;

/** The figures of one run. */
export function figuresOf(run: RunName, amounts: readonly Amount[]): Figure[] {
  const { subject, event, run: number } = run;
  return amounts.map((amount) => ({ subject, event, run: number, ...amount }));
}

/** 1, 2, ... */
export function runNumbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
