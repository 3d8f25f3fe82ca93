import type { Phase } from './system.ts';

/** What Sentinels say on the way to another primary, and what that is called here. */
const events: readonly (readonly [event: string, phase: string])[] = [
  ['+sdown master', 'noticed'],
  ['+odown master', 'agreed'],
  ['+elected-leader master', 'Sentinel elected'],
  ['+promoted-slave slave', 'promoted'],
  ['+switch-master', 'Sentinels moved'],
];

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const line = /^\d+:\w (\d+) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d)\.(\d{3}) . (.*)$/;

/** The first sighting of each phase since `sinceMs` in the logs of Sentinels, whose clock is UTC. */
export function sentinelPhases(logs: readonly string[], sinceMs: number): Phase[] {
  const lines = logs
    .flatMap((log) => log.split('\n'))
    .map(parsed)
    // Sentinels write whole milliseconds.
    .filter((one) => one !== null && one.atMs >= sinceMs - 1)
    .filter((one) => one !== null)
    .sort((one, other) => one.atMs - other.atMs);
  return events.flatMap(([event, name]) => {
    const found = lines.find(({ text }) => text.startsWith(event));
    return found === undefined ? [] : [{ name, atMs: found.atMs }];
  });
}

function parsed(text: string): { atMs: number; text: string } | null {
  const [, day, month = '', year, ...rest] = line.exec(text) ?? [];
  const [hours, minutes, seconds, milliseconds, what] = rest;
  if (what === undefined) return null;
  const date = [Number(year), months.indexOf(month), Number(day)] as const;
  const time = [Number(hours), Number(minutes), Number(seconds), Number(milliseconds)] as const;
  return { atMs: Date.UTC(...date, ...time), text: what };
}
