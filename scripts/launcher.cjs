#!/usr/bin/env node
'use strict';
// Starts the agent from the files beside this one. They come out of a ConfigMap, which holds less
// than a megabyte: so the program is compressed. The probe is not, because it is started every few
// seconds and has to be quick.
if (process.argv[2] === 'probe') {
  require('./probe.cjs');
} else {
  const { readFileSync } = require('node:fs');
  const { join } = require('node:path');
  const { Script } = require('node:vm');
  const { brotliDecompressSync } = require('node:zlib');

  const filename = join(__dirname, 'regent.cjs');
  // The bundle is pure ASCII: as Latin-1 it takes one byte a character in memory.
  const source = brotliDecompressSync(readFileSync(`${filename}.br`)).toString('latin1');
  const script = new Script(`(function (require, module, exports) {${source}\n})`, { filename });
  script.runInThisContext()(require, module, module.exports);
}
