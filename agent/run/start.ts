import type { Deletion } from '../kube/pod.ts';
import { createLog, type Log } from '../log.ts';
import type { PasswordGeneration } from '../redis/password-step.ts';
import { assemble, type Assembly } from './assemble.ts';
import { systemClock } from './clock.ts';
import { connect, type Connections } from './connections.ts';
import { openDoors, type Doors } from './doors.ts';
import { routes } from './routes.ts';
import { keepTurning, rotationPeriodMs } from './rotation.ts';
import { PasswordRotation, passwordOverlapMs } from './rotation-password.ts';
import { TlsRotation } from './rotation-tls.ts';
import type { RunOptions } from './run-options.ts';
import { secretReader } from './secret-file.ts';

/** Signals that ask the process to end. */
const endings = ['SIGTERM', 'SIGINT'] as const;

/** How long a process that ends waits for its last Events. */
const lastWordsMs = 2000;

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
  const password = passwordRotation(options, assembly, log);
  const doors = await serve(options, connections, { ...assembly, password }, log);
  watch.start();
  link.start();
  const certificates = certificateRotation(connections, assembly, doors, log);
  const rotations = [password, certificates].filter((one) => one !== null);
  const endRotations = keepTurning(rotations, rotationPeriodMs);
  await agent.run();
  endRotations();
  await connections.events.settled(lastWordsMs);
  watch.end();
  link.end();
  metrics.end();
  connections.peers.close();
  doors.close();
}

function serve(
  options: RunOptions,
  { ownPod, certificates }: Connections,
  assembly: Assembly & { readonly password: PasswordRotation | null },
  log: Log,
): Promise<Doors> {
  const deletion = (): Promise<Deletion> => ownPod.deletion(assembly.self.uid);
  const passwordGeneration = (): PasswordGeneration | null => assembly.password?.generation ?? null;
  const served = routes({ ...assembly, clock: systemClock, deletion, passwordGeneration });
  return openDoors(options, served, certificates, log);
}

function passwordRotation(
  { passwordFile, redisConfig, peerSecretFile }: RunOptions,
  { link, peers }: Assembly,
  log: Log,
): PasswordRotation | null {
  if (passwordFile === null) return null;
  return new PasswordRotation({
    passwordFile,
    configFile: redisConfig,
    redis: link,
    peerSecret: secretReader(peerSecretFile),
    askMembers: async () => {
      const states = await peers.survey();
      return peers.names.map((pod) => {
        const state = states.find((one) => one.pod === pod);
        return { pod, generation: state?.passwordGeneration ?? null };
      });
    },
    overlapMs: passwordOverlapMs,
    now: systemClock,
    log,
  });
}

function certificateRotation(
  { certificates }: Connections,
  { link }: Assembly,
  { members }: Doors,
  log: Log,
): TlsRotation | null {
  if (certificates === null || members === null) return null;
  return new TlsRotation({ certificates, redis: link, server: members, log });
}
