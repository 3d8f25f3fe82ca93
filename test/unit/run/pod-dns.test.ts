import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { podDns } from '../../../agent/run/pod-dns.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** The types of records that a question can ask for: RFC 1035, RFC 3596. */
const typeA = 1;
const typeAaaa = 28;

/** A DNS server on this machine that knows one name, and notes what it is asked. */
async function aServer(
  known: string,
  addresses: Readonly<Record<number, readonly number[]>>,
): Promise<{ at: string; asked: string[] }> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  const asked: string[] = [];
  socket.on('message', (question, { port }) => {
    const { name, end } = nameIn(question);
    const type = question.readUInt16BE(end);
    asked.push(name);
    const bytes = name === known ? addresses[type] : undefined;
    socket.send(answerTo(question.subarray(0, end + 4), type, bytes), port);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { at: `127.0.0.1:${socket.address().port}`, asked };
}

/** The name that a message asks for, and where it ends: RFC 1035 4.1.2. */
function nameIn(message: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

/** One record, or the answer that there is no such name: RFC 1035 4.1.1 and 4.1.3. */
function answerTo(question: Buffer, type: number, address: readonly number[] | undefined): Buffer {
  const header = Buffer.from(question);
  header.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(address === undefined ? 0 : 1, 6);
  header.writeUInt16BE(0, 10);
  if (address === undefined) return header;
  const record = [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 5, 0, address.length, ...address];
  return Buffer.concat([header, Buffer.from(record)]);
}

const domain = 'set-headless.here.svc.cluster.local';

test('a pod is found by its whole name, and no other is asked for', async () => {
  const { at, asked } = await aServer(`set-node-1.${domain}`, { [typeA]: [10, 0, 0, 7] });
  const find = podDns({ domain, ownAddress: '10.0.0.1', servers: [at] });
  expect(await find('set-node-1')).toBe('10.0.0.7');
  await expect(find('set-node-2')).rejects.toThrow('ENOTFOUND');
  expect(asked).toEqual([`set-node-1.${domain}`, `set-node-2.${domain}`]);
});

test('a pod with an IPv6 address asks for those of the others', async () => {
  const bytes = [0xfd, ...Array.from({ length: 14 }, () => 0), 7];
  const { at } = await aServer(`set-node-1.${domain}`, { [typeAaaa]: bytes });
  expect(await podDns({ domain, ownAddress: 'fd00::1', servers: [at] })('set-node-1')).toBe(
    'fd00::7',
  );
});

test('a server that is silent is given up', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'listening');
  const servers = [`127.0.0.1:${socket.address().port}`];
  const finding = podDns({ domain, ownAddress: '10.0.0.1', servers })('set-node-1');
  await expect(finding).rejects.toThrow('ETIMEOUT');
});
