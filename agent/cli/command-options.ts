import {
  choice,
  dnsName,
  flag,
  otherwise,
  parseOptions,
  port,
  usage,
  type OptionTable,
} from './option-table.ts';

/** Where agents listen, unless told otherwise. */
export const agentPortDefault = 8377;

/** `--agent-port` of every command. */
export const agentPort = otherwise(port, agentPortDefault);

/** What a command without options of its own is told. */
export interface CommandOptions {
  readonly agentPort: number;
}

/** What `regent status` and `regent history` are told. */
export interface ViewOptions extends CommandOptions {
  readonly output: 'text' | 'json';
}

/** What `regent switchover` is told. */
export interface SwitchoverOptions extends CommandOptions {
  /** Name of the pod that shall lead, `null` for the best one. */
  readonly to: string | null;
}

/** What `regent failover` is told. */
export interface FailoverOptions extends CommandOptions {
  readonly to: string;
}

/** The options of a command that only asks for something. */
export const commandTable = { 'agent-port': agentPort } satisfies OptionTable;

/** The options of a command that shows something. */
export const viewTable = {
  'output': otherwise(choice(['text', 'json']), 'text'),
  'agent-port': agentPort,
} satisfies OptionTable;

/** The options of `regent switchover`. */
export const switchoverTable = {
  'to': otherwise(dnsName, null),
  'agent-port': agentPort,
} satisfies OptionTable;

/** The options of `regent failover`. */
export const failoverTable = {
  'to': dnsName,
  'accept-data-loss': flag,
  'agent-port': agentPort,
} satisfies OptionTable;

/** Reads the options of a command that only asks for something. */
export function parseCommand(name: string, args: readonly string[]): CommandOptions {
  return { agentPort: parseOptions(name, commandTable, args)['agent-port'] };
}

/** Reads the options of a command that shows something. */
export function parseView(name: string, args: readonly string[]): ViewOptions {
  const given = parseOptions(name, viewTable, args);
  return { output: given.output, agentPort: given['agent-port'] };
}

/** Reads the options of `regent switchover`. */
export function parseSwitchover(args: readonly string[]): SwitchoverOptions {
  const given = parseOptions('switchover', switchoverTable, args);
  return { to: given.to, agentPort: given['agent-port'] };
}

/** Reads the options of `regent failover`. */
export function parseFailover(args: readonly string[]): FailoverOptions {
  const given = parseOptions('failover', failoverTable, args);
  if (!given['accept-data-loss']) {
    throw usage(
      '--accept-data-loss is missing: failover lets --to lead whatever its data, and writes that only others have are lost; for a change of leader without a lost write use regent switchover',
    );
  }
  return { to: given.to, agentPort: given['agent-port'] };
}
