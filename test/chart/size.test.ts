import { expect, test } from '@jest/globals';

import { fileOptions, render, setOptions, valuesFiles } from './rendering.ts';

/** Client-side apply, which Argo CD uses, keeps a copy in an annotation of at most this size. */
const objectMaxBytes = 256 * 1024;

test.each(valuesFiles)('no object of %s is larger than an annotation may be', async (name) => {
  const objects = await render(fileOptions(name));
  expect(objects.length).toBeGreaterThan(5);
  for (const object of objects) {
    const bytes = Buffer.byteLength(JSON.stringify(object));
    expect({ name: object.metadata?.name, isSmall: bytes < objectMaxBytes }).toEqual({
      name: object.metadata?.name,
      isSmall: true,
    });
  }
});

test('a changed configuration starts the pods anew, and an equal one does not', async () => {
  const checksum = async (text: string): Promise<string | undefined> => {
    const objects = await render(setOptions({ commonConfiguration: text }));
    const set = objects.find((object) => object.kind === 'StatefulSet') as
      { spec: { template: { metadata: { annotations: Record<string, string> } } } } | undefined;
    return set?.spec.template.metadata.annotations['checksum/configuration'];
  };
  const [first, second, other] = [
    await checksum('save ""'),
    await checksum('save ""'),
    await checksum('save 60 1'),
  ];
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(second).toBe(first);
  expect(other).not.toBe(first);
});
