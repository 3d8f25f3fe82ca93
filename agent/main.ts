import manifest from '../package.json' with { type: 'json' };
import { help } from './cli/help.ts';
import { init } from './cli/init.ts';
import { usage } from './cli/option-table.ts';
import { parseInit, parseRun, parseStatus, parseSwitchover } from './cli/options.ts';
import { probe } from './cli/probe.ts';
import { status } from './cli/status.ts';
import { switchover } from './cli/switchover.ts';
import { AgentError, messageOf } from './errors.ts';
import { start } from './run/start.ts';

/** Exit codes: docs/architecture.md. */
const done = 0;
const refused = 1;
const misused = 2;

/** What each command does with the arguments after it; resolves to the exit code. */
const commands: Readonly<Record<string, (args: readonly string[]) => number | Promise<number>>> = {
  init: (args) => init(parseInit(args)),
  run: async (args) => {
    await start(parseRun(args));
    return done;
  },
  probe: async (args) => {
    const { exitCode, sentence } = await probe(args);
    (exitCode === done ? console.log : console.error)(sentence);
    return exitCode;
  },
  status: (args) => status(parseStatus(args)),
  switchover: (args) => switchover(parseSwitchover(args)),
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

function print(text: string): number {
  console.log(text);
  return done;
}

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    // What we say ourselves needs no stack trace; what nobody expected does.
    console.error(error instanceof AgentError ? messageOf(error) : error);
    process.exitCode = error instanceof AgentError && error.code === 'usage' ? misused : refused;
  },
);
