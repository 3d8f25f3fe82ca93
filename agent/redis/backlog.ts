import type { ChangeResult } from './commands.ts';
import { observe } from './commands.ts';
import type { CommandRunner, OpenResult } from './connection.ts';

/** How often it is asked whether the backlog is there; it is made within a millisecond. */
const looksMax = 50;
/** Seconds by which a resync is put off; it never begins, for who asked for it has left by then. */
const putOffSeconds = 60;

const syncOptions = ['repl-diskless-sync', 'repl-diskless-sync-delay'] as const;

/**
 * Makes a primary without a replication backlog get one.
 *
 * Such a Redis (started without an RDB file, and never a replica that was in sync) takes a *new*
 * replication id when its first replica comes: after the old one was recorded in the Lease, so that
 * the leader would no longer be the head of its own lineage. So the agent comes first: it asks for
 * a resync on a connection of its own and leaves before one begins. `open` opens that connection.
 */
export async function makeBacklog(
  runner: CommandRunner,
  open: () => Promise<OpenResult>,
): Promise<ChangeResult> {
  const before = await runner.run([['CONFIG', 'GET', ...syncOptions]]);
  if (before.kind !== 'answered') return before;
  const reply = before.replies[0];
  const settings = reply?.kind === 'value' && Array.isArray(reply.value) ? reply.value : [];
  const put = ['CONFIG', 'SET', 'repl-diskless-sync', 'yes'] as const;
  const off = await runner.run([[...put, 'repl-diskless-sync-delay', putOffSeconds]]);
  const result = off.kind === 'answered' ? await askForResync(runner, open) : off;
  // After one that was not answered as well: it may be carried out all the same.
  await runner.run([['CONFIG', 'SET', ...settings.map(String)]]);
  return result;
}

async function askForResync(
  runner: CommandRunner,
  open: () => Promise<OpenResult>,
): Promise<ChangeResult> {
  const opened = await open();
  if (opened.kind !== 'open') return { kind: 'closed' };
  const { connection } = opened;
  try {
    await connection.run([['REPLCONF', 'capa', 'eof', 'capa', 'psync2']]);
    // Not answered before the resync begins, which it never does.
    void connection.run([['PSYNC', '?', '-1']]);
    for (let looks = 0; looks < looksMax; looks += 1) {
      const seen = await observe(runner);
      if (seen.kind !== 'observed') return seen;
      if (seen.info.replication.hasBacklog) return { kind: 'done' };
    }
    return { kind: 'timeout' };
  } finally {
    connection.close();
  }
}
