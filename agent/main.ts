import manifest from '../package.json' with { type: 'json' };
import { failover, pause, switchover } from './cli/change-request.ts';
import { parseCommand, parseFailover, parseSwitchover, parseView } from './cli/command-options.ts';
import { help, helpOf } from './cli/help.ts';
import { init } from './cli/init.ts';
import { usage } from './cli/option-table.ts';
import { parseInit, parseRun } from './cli/options.ts';
import { probe } from './cli/probe.ts';
import { explain, history, status } from './cli/set-report.ts';
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
  status: (args) => status(parseView('status', args)),
  explain: (args) => explain(parseCommand('explain', args)),
  history: (args) => history(parseView('history', args)),
  switchover: (args) => switchover(parseSwitchover(args)),
  failover: (args) => failover(parseFailover(args)),
  pause: (args) => pause(parseCommand('pause', args), true),
  resume: (args) => pause(parseCommand('resume', args), false),
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
  const asksForHelp = args.some((word) => word === '--help' || word === '-h');
  const text = asksForHelp ? helpOf(name) : null;
  return text === null ? command(args) : print(text);
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
