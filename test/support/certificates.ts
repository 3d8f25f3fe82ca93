import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];

/** A certificate authority of its own, in a folder of its own. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'regent-tls-'));
  #issued = 0;

  constructor() {
    const files = ['-keyout', this.#path('ca.key'), '-out', this.#path('ca.crt')];
    openssl('req', '-x509', ...newKey, '-subj', '/CN=an authority', ...files);
  }

  /**
   * Issues a certificate with a key into `into`, or into a folder of its own; with ca.crt it is what
   * a Secret holds. Like that of many people it does not name localhost.
   *
   * @returns the folder.
   */
  issue(into = this.#path(`issued-${this.#issued}`)): string {
    this.#issued += 1;
    execFileSync('mkdir', ['-p', into]);
    const files = ['-keyout', join(into, 'tls.key'), '-out', join(into, 'tls.crt')];
    openssl(
      ...['req', '-x509', '-CA', this.#path('ca.crt'), '-CAkey', this.#path('ca.key'), ...newKey],
      ...['-subj', `/CN=my-redis ${this.#issued}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
      ...['-addext', 'subjectAltName=DNS:my-redis-master.default.svc', ...files],
    );
    execFileSync('cp', [this.#path('ca.crt'), into]);
    return into;
  }

  /** A folder that kubelet would mount: a link to a version, which `replace` exchanges in one step. */
  mount(): string {
    const mounted = this.#path('mounted');
    symlinkSync(this.issue(), mounted);
    return mounted;
  }

  /** Mounts another certificate, as kubelet does when the Secret has changed. */
  replace(mounted: string): void {
    symlinkSync(this.issue(), `${mounted}.new`);
    renameSync(`${mounted}.new`, mounted);
  }

  /** Removes what it made. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}
