#!/usr/bin/env node
'use strict';
// Starts the agent from the files beside this one. They come out of a ConfigMap, which holds less
// than a megabyte: so the program is compressed. The probe is not, because it is started every few
// seconds and has to be quick.
const launcher = process.argv[1];
// Not `require` itself: without an ending this file is whatever the next package.json says.
const load = process.getBuiltinModule('node:module').createRequire(launcher);
if (process.argv[2] === 'probe') {
  load('./probe.cjs');
} else {
  const { readFileSync } = load('node:fs');
  const { dirname, join } = load('node:path');
  const { Script } = load('node:vm');
  const { brotliDecompressSync } = load('node:zlib');

  const filename = join(dirname(launcher), 'regent.cjs');
  // The bundle is pure ASCII: as Latin-1 it takes one byte a character in memory.
  const source = brotliDecompressSync(readFileSync(`${filename}.br`)).toString('latin1');
  const script = new Script(`(function (require, module, exports) {${source}\n})`, { filename });
  const bundle = { exports: {} };
  script.runInThisContext()(load, bundle, bundle.exports);
}
