import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, toolEnvironment } from '../environment.ts';
import { messageOf } from '../../agent/errors.ts';
import { run } from '../experiment/command.ts';
import { say } from '../progress.ts';
import type { Layer, Tally } from './layer.ts';
import { installPackages } from './packages.ts';

/** Style and types. Each program counts as one test. */
export const lintLayer: Layer = {
  name: 'lint',
  prepare: () => installPackages([['shellcheck', 'shellcheck']]),
  run: async (): Promise<Tally> => {
    const checks = [
      ['eslint', '.'],
      ['prettier', '--check', '.'],
      ['tsc'],
      ['shellcheck', '--external-sources', ...shellScripts()],
    ];
    let passed = 0;
    for (const words of checks) passed += await passes(words);
    return { passed, failed: checks.length - passed };
  },
};

async function passes(words: readonly string[]): Promise<0 | 1> {
  const [name = ''] = words;
  say(`lint: ${name}`);
  try {
    await run(words, { env: toolEnvironment(), cwd: root });
    return 1;
  } catch (error) {
    console.error(messageOf(error));
    return 0;
  }
}

/** All programs and parts of programs for a shell. */
function shellScripts(): string[] {
  const files = globSync(['scripts/**', '.ci/*', 'chart/files/*'], { cwd: root });
  return files.filter((file) => {
    const path = join(root, file);
    return statSync(path).isFile() && (file.endsWith('.sh') || isShellProgram(path));
  });
}

function isShellProgram(path: string): boolean {
  return /^#!.*\b(ba)?sh\b/.test(readFileSync(path, 'utf8').slice(0, 80));
}
