import { probe } from './probe.ts';

// The whole program of probe.cjs. The launcher has put the arguments after `regent probe` last.
void probe(process.argv.slice(3)).then(({ exitCode, sentence }) => {
  (exitCode === 0 ? console.log : console.error)(sentence);
  process.exitCode = exitCode;
});
