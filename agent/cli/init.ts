import { readFile } from 'node:fs/promises';
import { AgentError, messageOf } from '../errors.ts';
import { renderConfig, type ConfigTls } from '../redis/config-file.ts';
import { writeConfig } from '../redis/config-write.ts';
import { readPassword } from '../redis/password.ts';
import { dhParamsIn, readTlsMaterial } from '../tls.ts';
import type { InitOptions } from './options.ts';

/** `regent init`: renders redis.conf for the Redis of this pod. */
export async function init(options: InitOptions): Promise<number> {
  const { config, output, port, announceHost, dataDir, passwordFile } = options;
  const rendered = renderConfig({
    // One character for each byte: whatever encoding the user's text has, it stays.
    userText: await readFile(config, 'latin1').catch((error: unknown) => unusable('config', error)),
    userFile: config,
    ...{ port, announceHost, dataDir },
    password: passwordFile === null ? null : await readPassword(passwordFile),
    tls: await tlsOf(options),
  });
  try {
    await writeConfig(output, rendered);
  } catch (error) {
    unusable('output', error);
  }
  return 0;
}

async function tlsOf({ tlsDir, tlsAuthClients }: InitOptions): Promise<ConfigTls | null> {
  if (tlsDir === null) return null;
  // Redis would say less of what is wrong with them, and in a log that nobody looks at first.
  await readTlsMaterial(tlsDir);
  return { folder: tlsDir, authClients: tlsAuthClients, dhParams: await dhParamsIn(tlsDir) };
}

function unusable(option: string, error: unknown): never {
  throw new AgentError('usage', `--${option}: ${messageOf(error)}`, error);
}
