import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { listen, listenTls, routesFor, type Route, type ServerOptions } from '../http/server.ts';
import type { Log } from '../log.ts';
import type { Certificates } from './certificates.ts';
import type { RunOptions } from './run-options.ts';
import { secretReader } from './secret-file.ts';

/** Where this agent is asked. */
export interface Doors {
  /** For the kubelet, for Prometheus, for the own pod; without TLS for everybody. */
  readonly open: Server;
  /** For agents of the set, `null` without TLS. */
  readonly members: TlsServer | null;
  /** Closes both, and what is connected. */
  readonly close: () => void;
}

/** From one complaint of a rejected connection to the next: anybody may try, as often as he likes. */
const rejectionPeriodMs = 60_000;

/** Opens the ports of the agent: docs/architecture.md. */
export async function openDoors(
  options: Pick<RunOptions, 'agentPort' | 'peerPort' | 'peerSecretFile'>,
  routes: readonly Route[],
  certificates: Certificates | null,
  log: Log,
): Promise<Doors> {
  const common: Omit<ServerOptions, 'port' | 'routes'> = {
    peerSecret: secretReader(options.peerSecretFile),
    onError: (path, error) => {
      log.error({ path, error }, 'route-failed');
    },
  };
  const door = certificates === null ? 'everybody' : 'own-pod';
  const port = options.agentPort;
  const open = await listen({ ...common, port, routes: routesFor(door, routes) });
  const members =
    certificates === null
      ? null
      : await listenTls({
          ...common,
          port: options.peerPort,
          routes: routesFor('members', routes),
          tls: certificates.current(),
          onRejected: sparing(log),
        });
  const close = (): void => {
    for (const server of [open, members]) {
      server?.close();
      server?.closeAllConnections();
    }
  };
  return { open, members, close };
}

function sparing(log: Log): (from: string, cause: string) => void {
  let loggedAtMs = -Infinity;
  return (from, cause) => {
    const nowMs = performance.now();
    if (nowMs - loggedAtMs < rejectionPeriodMs) return;
    loggedAtMs = nowMs;
    log.warn({ from, cause }, 'peer-connection-rejected');
  };
}
