import { readTlsMaterial, type TlsMaterial } from '../tls.ts';

/** The certificates of this pod, as they were when they last fitted together. */
export class Certificates {
  readonly folder: string;
  #current: TlsMaterial;

  private constructor(folder: string, current: TlsMaterial) {
    this.folder = folder;
    this.#current = current;
  }

  /**
   * Reads them for the first time.
   *
   * @throws AgentError `usage` when they are not there or do not fit together.
   */
  static async load(folder: string): Promise<Certificates> {
    return new Certificates(folder, await readTlsMaterial(folder));
  }

  /** What new connections use. */
  readonly current = (): TlsMaterial => this.#current;

  /**
   * Reads them again. Their contents are compared: the kubelet exchanges a link to all files at
   * once, of which neither the files' times nor a watch on them tells reliably.
   *
   * @returns whether they are others than before.
   * @throws AgentError `usage` when they do not fit together yet; what was read before stays.
   */
  async refresh(): Promise<boolean> {
    const { cert, key, ca } = this.#current;
    const read = await readTlsMaterial(this.folder);
    if (read.cert.equals(cert) && read.key.equals(key) && read.ca.equals(ca)) return false;
    this.#current = read;
    return true;
  }
}
