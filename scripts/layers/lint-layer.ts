import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, toolEnvironment } from '../environment.ts';
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
    for (const words of checks) if (await passes(words)) passed += 1;
    return { passed, failed: checks.length - passed };
  },
};

async function passes([program = '', ...args]: readonly string[]): Promise<boolean> {
  say(`lint: ${program}`);
  // Some complain on one stream and some on the other: the person sees both.
  const stdio = ['ignore', 'inherit', 'inherit'] as const;
  const child = spawn(program, args, { env: toolEnvironment(), cwd: root, stdio: [...stdio] });
  await once(child, 'close');
  return child.exitCode === 0;
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
