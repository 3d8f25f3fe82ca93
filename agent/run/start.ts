import type { Server } from 'node:http';
import { listen } from '../http/server.ts';
import { createLog, type Log } from '../log.ts';
import { assemble, type Assembly } from './assemble.ts';
import { systemClock } from './clock.ts';
import { connect, type Connections } from './connections.ts';
import { routes } from './routes.ts';
import type { RunOptions } from './run-options.ts';
import { secretReader } from './secret-file.ts';

/** Signals that ask the process to end. */
const endings = ['SIGTERM', 'SIGINT'] as const;

/** Runs the agent until nothing depends on it any more. */
export async function start(options: RunOptions): Promise<void> {
  const log = createLog(options.logLevel, { pod: options.pod });
  const connections = await connect(options, secretReader(options.peerSecretFile), log);
  const assembly = await assemble(options, connections, log);
  const { agent, watch, link, metrics } = assembly;
  for (const signal of endings) {
    process.on(signal, () => {
      agent.request({ stop: 'agent' });
    });
  }
  const server = await serve(options, connections, assembly, log);
  watch.start();
  link.start();
  await agent.run();
  await connections.events.settled();
  watch.end();
  link.end();
  metrics.end();
  connections.peers.close();
  server.close();
  server.closeAllConnections();
}

function serve(
  options: RunOptions,
  { ownPod }: Connections,
  assembly: Assembly,
  log: Log,
): Promise<Server> {
  const isPodEnding = async (): Promise<boolean> => {
    const result = await ownPod.read();
    return result.kind === 'ok' && result.pod.isEnding;
  };
  return listen({
    port: options.agentPort,
    routes: routes({ ...assembly, clock: systemClock, isPodEnding }),
    peerSecret: secretReader(options.peerSecretFile),
    onError: (path, error) => {
      log.error({ path, error }, 'route-failed');
    },
  });
}
