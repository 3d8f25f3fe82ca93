/**
 * Builds what the chart carries in a ConfigMap, into chart/files (or the folder given as argument):
 * `regent`, the launcher; `regent.cjs.br`, the agent; `probe.cjs`, the probe.
 */
import { copyFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';
import { slimKubernetesClient } from './slim-kubernetes-client.ts';

const root = resolve(import.meta.dirname, '..');
const folder = resolve(process.argv[2] ?? join(root, 'chart', 'files'));

/** What the API server stores of a ConfigMap must stay far below etcd's megabyte. */
const objectMaxBytes = 256 * 1024;

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  // client-node and ioredis mix module kinds; as one CommonJS file they need no tricks to start.
  format: 'cjs',
  charset: 'ascii',
  // Names stay: a stack trace in a log has to say where it was.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
} as const satisfies BuildOptions;

async function bundle(entry: string, plugins: BuildOptions['plugins'] = []): Promise<Buffer> {
  const { outputFiles } = await build({ ...common, entryPoints: [entry], plugins });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return Buffer.from(file.contents);
}

function compressed(code: Buffer): Buffer {
  return brotliCompressSync(code, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: code.length,
    },
  });
}

mkdirSync(folder, { recursive: true });
const agent = await bundle('agent/main.ts', [slimKubernetesClient()]);
const agentCompressed = compressed(agent);
const probe = await bundle('agent/cli/probe-main.ts');
writeFileSync(join(folder, 'regent.cjs.br'), agentCompressed);
writeFileSync(join(folder, 'probe.cjs'), probe);
copyFileSync(join(root, 'scripts', 'launcher.cjs'), join(folder, 'regent'));
chmodSync(join(folder, 'regent'), 0o755);

const objectBytes = Math.ceil(agentCompressed.length / 3) * 4 + probe.length;
console.log(`agent   ${agent.length} bytes, ${agentCompressed.length} compressed`);
console.log(`probe   ${probe.length} bytes`);
console.log(`object  ${objectBytes} bytes of ${objectMaxBytes}`);
if (objectBytes > objectMaxBytes) {
  console.error(`the ConfigMap takes ${objectBytes} bytes; at most ${objectMaxBytes} are allowed`);
  process.exitCode = 1;
}
