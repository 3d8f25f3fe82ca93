import manifest from '../package.json' with { type: 'json' };
import { help } from './cli/help.ts';
import { usage } from './cli/option-table.ts';
import { parseInit, parseRun, parseStatus, parseSwitchover } from './cli/options.ts';
import { AgentError, messageOf } from './errors.ts';

/** Exit codes: docs/architecture.md. */
const refused = 1;
const misused = 2;

/** What each command does with the arguments after it; resolves to the exit code. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  // Each loads what it needs: `status` does not wait for the Kubernetes client.
  init: async (args) => (await import('./cli/init.ts')).init(parseInit(args)),
  run: async (args) => {
    const options = parseRun(args);
    await (await import('./run/start.ts')).start(options);
    return 0;
  },
  probe: async (args) => {
    const { exitCode, sentence } = await (await import('./cli/probe.ts')).probe(args);
    (exitCode === 0 ? console.log : console.error)(sentence);
    return exitCode;
  },
  status: async (args) => (await import('./cli/status.ts')).status(parseStatus(args)),
  switchover: async (args) =>
    (await import('./cli/switchover.ts')).switchover(parseSwitchover(args)),
  help: () => print(help),
  version: () => print(manifest.version),
};

/** How people also ask for help and the version. */
const aliases: Readonly<Record<string, string>> = {
  '--help': 'help',
  '-h': 'help',
  '--version': 'version',
};

async function main([given = '', ...args]: readonly string[]): Promise<number> {
  const name = aliases[given] ?? given;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const known = Object.keys(commands).join(', ');
    throw usage(`regent: found '${given}', allowed is one of ${known}`);
  }
  return command(args);
}

function print(text: string): Promise<number> {
  console.log(text);
  return Promise.resolve(0);
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    const isMisuse = error instanceof AgentError && error.code === 'usage';
    console.error(isMisuse || error instanceof AgentError ? messageOf(error) : error);
    process.exitCode = isMisuse ? misused : refused;
  },
);
