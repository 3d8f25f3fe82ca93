import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Server as HttpServer } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { probe } from '../../../agent/cli/probe.ts';
import { listen, portOf } from '../../../agent/http/server.ts';

const open: (Server | HttpServer)[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  }
});

async function anAgent(status: number): Promise<string> {
  const answer = (): { status: number; body: object } => ({ status, body: { path: 'said' } });
  const paths = ['/startupz', '/readyz', '/livez'];
  const server = await listen({
    port: 0,
    routes: paths.map((path) => ({ method: 'GET', path, allows: 'anybody', answer })),
    peerSecret: () => Promise.resolve(null),
    onError: () => undefined,
  });
  open.push(server);
  return String(portOf(server));
}

async function aStranger(does: (socket: Socket) => void): Promise<string> {
  const server = createServer(does).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  return String((server.address() as AddressInfo).port);
}

test.each(['startup', 'readiness', 'liveness'])(
  '%s passes and fails as the agent says',
  async (kind) => {
    const good = await probe([kind, '--agent-port', await anAgent(200)]);
    expect(good).toEqual({ exitCode: 0, sentence: '{"path":"said"}' });
    const bad = await probe([kind, `--agent-port=${await anAgent(503)}`]);
    expect(bad).toEqual({ exitCode: 1, sentence: '{"path":"said"}' });
  },
);

test('an agent that is not there, hangs, or ends at once has failed', async () => {
  const hanging = await aStranger(() => undefined);
  const ending = await aStranger((socket) => socket.end());
  const babbling = await aStranger((socket) => socket.end('HTTP/1.1 2000 OK\r\n\r\nfine'));
  const gone = await aStranger(() => undefined);
  open.pop()?.close();
  for (const port of [hanging, ending, babbling, gone]) {
    expect((await probe(['readiness', '--agent-port', port])).exitCode).toBe(1);
  }
});

test.each([
  [[], "probe: found '', allowed is one of startup, readiness, liveness"],
  [['ready'], "probe: found 'ready'"],
  [['toString'], "probe: found 'toString'"],
  [['readiness', '--port', '1'], "unknown option '--port'; allowed is --agent-port"],
  [['readiness', '--agent-port'], '--agent-port is missing its value'],
  [['readiness', '--agent-port', '0'], "--agent-port: found '0', allowed is a port, 1 to 65535"],
  [['readiness', '--agent-port=1e3'], "--agent-port: found '1e3'"],
  [['readiness', '--agent-port', '1', '--agent-port', '2'], 'is given more than once'],
  [['readiness', '--agent-port', '1', 'x'], "found 'x', which belongs to no option"],
])('%j is refused', async (args, sentence) => {
  const outcome = await probe(args);
  expect(outcome.exitCode).toBe(2);
  expect(outcome.sentence).toContain(sentence);
});
