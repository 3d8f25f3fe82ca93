import { createLog, type Log } from '../log.ts';
import { assemble, type Assembly } from './assemble.ts';
import { systemClock } from './clock.ts';
import { connect, type Connections } from './connections.ts';
import { openDoors, type Doors } from './doors.ts';
import { routes } from './routes.ts';
import { keepTurning, rotationPeriodMs, type Rotation } from './rotation.ts';
import { TlsRotation } from './rotation-tls.ts';
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
  const doors = await serve(options, connections, assembly, log);
  watch.start();
  link.start();
  const endRotations = keepTurning(rotations(connections, assembly, doors, log), rotationPeriodMs);
  await agent.run();
  endRotations();
  await connections.events.settled();
  watch.end();
  link.end();
  metrics.end();
  connections.peers.close();
  doors.close();
}

function serve(
  options: RunOptions,
  { ownPod, certificates }: Connections,
  assembly: Assembly,
  log: Log,
): Promise<Doors> {
  const isPodEnding = async (): Promise<boolean> => {
    const result = await ownPod.read();
    return result.kind === 'ok' && result.pod.isEnding;
  };
  const served = routes({ ...assembly, clock: systemClock, isPodEnding });
  return openDoors(options, served, certificates, log);
}

function rotations(
  { certificates }: Connections,
  { link }: Assembly,
  { members }: Doors,
  log: Log,
): readonly Rotation[] {
  if (certificates === null || members === null) return [];
  return [new TlsRotation({ certificates, redis: link, server: members, log })];
}
