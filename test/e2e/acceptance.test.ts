import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cache } from '../../scripts/environment.ts';
import { catalogue } from '../../scripts/scenarios/catalogue.ts';
import { partsOf } from '../../scripts/scenarios/director.ts';
import type { Outcome } from '../../scripts/scenarios/outcome.ts';
import { straysOf, tableOf } from '../../scripts/scenarios/report.ts';
import { Theatre } from '../../scripts/scenarios/theatre.ts';

/** A case with all that is played before it. */
jest.setTimeout(60 * 60_000);

/** How often each case is played. */
const times = Number(process.env['REGENT_E2E_TIMES'] ?? '1');
const kubeconfig = process.env['KUBECONFIG'] ?? '';
if (kubeconfig === '') throw new Error('KUBECONFIG is not set; scripts/test sets it');

const ground = { choice: { kubeconfig, context: null }, profile: 'default' } as const;
const short = { isTestbed: true, isBrief: true, soakMs: 30_000 };
const theatre = new Theatre({ ...ground, ...short }, { prefix: 'e2e', stageCount: 2 });
const parts = partsOf(catalogue, short);
const runs = Array.from({ length: times }, (_, index) => index + 1);
const showings = parts.flatMap((part) => runs.map((run) => ({ part, run })));
const outcomes: Outcome[] = [];
let playing: readonly Promise<Outcome>[] = [];

beforeAll(() => {
  playing = theatre.play(showings);
});

afterAll(async () => {
  await theatre.end(false);
  const folder = join(cache, 'evidence');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'e2e.json'), `${JSON.stringify(outcomes, null, 2)}\n`);
  process.stdout.write(`\n${tableOf(outcomes)}\n`);
});

for (const part of parts) {
  const { scenario, case: played } = part;
  test(`${scenario.id}, ${played.name}: ${scenario.holds}`, async () => {
    for (const [index, showing] of showings.entries()) {
      if (showing.part !== part) continue;
      const outcome = await playing[index];
      if (outcome === undefined) throw new Error('it is not played');
      outcomes.push(outcome);
      const { objections, figures } = outcome;
      expect({ objections, figures }).toEqual({ objections: [], figures });
    }
  });
}

test('S2, ROLE poll: nobody who came newly through the leader Service met a replica', () => {
  const strays = straysOf(outcomes).map(({ scenario, case: name, run, strayMs }) => ({
    ...{ scenario, name, run, strayMs },
  }));
  expect(outcomes.length).toBeGreaterThan(0);
  expect(strays).toEqual([]);
});
