/**
 * `regent probe`, and the whole of probe.cjs: it is started anew for every probe, so that each
 * module that it loads is paid for again and again. A raw request costs less than `node:http`.
 */
import { connect } from 'node:net';

/** What is asked, and where the agent answers it. */
const paths: Readonly<Record<string, string>> = {
  startup: '/startupz',
  readiness: '/readyz',
  liveness: '/livez',
};

const agentPortDefault = '8377';
/** Below the shortest timeout that a kubelet gives a probe. */
const timeoutMs = 900;

/** Exit codes: docs/architecture.md. */
const passed = 0;
const failed = 1;
const misused = 2;

/** What came of a probe: an exit code and a sentence. */
export interface ProbeOutcome {
  readonly exitCode: number;
  readonly sentence: string;
}

const help =
  'regent probe startup|readiness|liveness [--agent-port 8377]: asks the agent of this pod';

/** Runs `regent probe` with the arguments after `probe`. Never rejects. */
export async function probe(args: readonly string[]): Promise<ProbeOutcome> {
  const [kind = '', ...options] = args;
  if (kind === '--help' || kind === '-h') return { exitCode: passed, sentence: help };
  const path = Object.hasOwn(paths, kind) ? paths[kind] : undefined;
  if (path === undefined) {
    const allowed = Object.keys(paths).join(', ');
    return misuse(`probe: found '${kind}', allowed is one of ${allowed}`);
  }
  const port = portIn(options);
  return typeof port === 'string' ? misuse(port) : ask(path, port);
}

function misuse(sentence: string): ProbeOutcome {
  return { exitCode: misused, sentence };
}

/** The port, or what is wrong with the options. */
function portIn(options: readonly string[]): number | string {
  const words = options.flatMap((option) => {
    const [, name, value] = /^(--agent-port)=(.*)$/s.exec(option) ?? [];
    return name === undefined ? [option] : [name, value ?? ''];
  });
  const [name = '--agent-port', value = agentPortDefault, ...rest] = words;
  if (name !== '--agent-port')
    return `regent probe: unknown option '${name}'; allowed is --agent-port`;
  if (words.length === 1) return '--agent-port is missing its value: a port, 1 to 65535 is needed';
  if (rest[0] === name) return '--agent-port is given more than once: once is allowed';
  if (rest.length > 0) return `regent probe: found '${rest.join(' ')}', which belongs to no option`;
  const port = Number(value);
  const isPort = /^\d{1,5}$/.test(value) && port >= 1 && port <= 65_535;
  return isPort ? port : `--agent-port: found '${value}', allowed is a port, 1 to 65535`;
}

function ask(path: string, port: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const end = (exitCode: number, sentence: string): void => {
      socket.destroy();
      resolve({ exitCode, sentence });
    };
    socket.setEncoding('utf8');
    socket.setTimeout(timeoutMs, () => {
      end(failed, `the agent at port ${port} did not answer within ${timeoutMs} ms`);
    });
    socket.on('error', (error) => {
      end(failed, `no agent at port ${port}: ${error.message}`);
    });
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('end', () => {
      const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
      const isPass = /^HTTP\/1\.1 200 /.test(head);
      end(isPass ? passed : failed, body.trim() === '' ? `no answer to ${path}` : body.trim());
    });
    socket.write(`GET ${path} HTTP/1.1\r\nhost: agent\r\nconnection: close\r\n\r\n`);
  });
}
