import type { Benchmark } from './benchmark.ts';
import { cost } from './cost.ts';
import { data } from './data.ts';
import { failover } from './failover/failover.ts';
import { scale } from './scale.ts';
import { size } from './size.ts';
import { throughput } from './throughput.ts';

/** All benchmarks, in the order in which they are played and shown. */
export const catalogue: readonly Benchmark[] = [size, failover, cost, throughput, scale, data];
