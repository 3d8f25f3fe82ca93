import { pino } from 'pino';

/** The levels that `--log-level` takes, most talkative first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
/** One of `logLevels`. */
export type LogLevel = (typeof logLevels)[number];

/** Writes one JSON line: what happened, and the numbers that go with it. */
export interface Log {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** A log to standard output in which each line carries `fields`. Nothing of a Secret is ever given to it. */
export function createLog(level: LogLevel, fields: Readonly<Record<string, string>>): Log {
  return pino(
    {
      level,
      base: fields,
      formatters: { level: (label) => ({ level: label }) },
    },
    // In the same moment, not buffered: the last line before a crash is the one that matters.
    pino.destination({ fd: 1, sync: true }),
  );
}
