import { afterAll, expect, jest, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cache } from '../../scripts/environment.ts';
import { catalogue } from '../../scripts/scenarios/catalogue.ts';
import { Director, inOrderOfInstallation, partsOf } from '../../scripts/scenarios/director.ts';
import type { Outcome } from '../../scripts/scenarios/outcome.ts';
import { straysOf, tableOf } from '../../scripts/scenarios/report.ts';

/** A case with all that may have to be waited for; most take a tenth of it. */
jest.setTimeout(15 * 60_000);

/** How often each case is played. */
const times = Number(process.env['REGENT_E2E_TIMES'] ?? '1');
const kubeconfig = process.env['KUBECONFIG'] ?? '';
if (kubeconfig === '') throw new Error('KUBECONFIG is not set; scripts/test sets it');

const ground = { choice: { kubeconfig, context: null }, profile: 'default' } as const;
const short = { isTestbed: true, isBrief: true, soakMs: 30_000 };
const director = new Director({ ...ground, ...short }, 'e2e');
const outcomes: Outcome[] = [];

afterAll(async () => {
  await director.end(false);
  const folder = join(cache, 'evidence');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'e2e.json'), `${JSON.stringify(outcomes, null, 2)}\n`);
  process.stdout.write(`\n${tableOf(outcomes)}\n`);
});

for (const part of inOrderOfInstallation(partsOf(catalogue, short))) {
  const { scenario, case: played } = part;
  test(`${scenario.id}, ${played.name}: ${scenario.holds}`, async () => {
    for (let run = 1; run <= times; run += 1) {
      const outcome = await director.play(part, run);
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
