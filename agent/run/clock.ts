import { performance } from 'node:perf_hooks';
import { monotonic, type MonotonicMs } from '../core/units.ts';

/** Reads the monotonic clock, which no clock step touches. */
export type Clock = () => MonotonicMs;

/** The clock of this process. */
export const systemClock: Clock = () => monotonic(performance.now());
