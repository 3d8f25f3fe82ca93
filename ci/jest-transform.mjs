// Strips the types from a TypeScript file for jest, which cannot load one by itself.
import { transformSync } from 'esbuild';

export default {
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node24',
      sourcefile: path,
      sourcemap: true,
    });
    return { code, map };
  },
};
