import { rename, writeFile } from 'node:fs/promises';

/** Only for Redis, which runs with the agent's group: passwords are in it. */
const configMode = 0o640;

/**
 * Replaces redis.conf in one step, so that a Redis that starts meanwhile reads the old or the new.
 * One character of `text` is one byte: whatever encoding the user's part has, it stays.
 */
export async function writeConfig(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { encoding: 'latin1', mode: configMode });
  await rename(`${file}.new`, file);
}
