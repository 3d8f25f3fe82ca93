import { X509Certificate } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { AgentError, messageOf } from './errors.ts';

/** What one side of a TLS connection shows, and whom it believes: PEM texts. */
export interface TlsMaterial {
  /** The own certificate, then those between it and the authority. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The authorities that are believed, one or more. */
  readonly ca: Buffer;
}

/** Where the files of a TLS folder are. They have the names that Secrets of Kubernetes give them. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** The files in `folder`. */
export function tlsFilesIn(folder: string): TlsFiles {
  return {
    cert: join(folder, 'tls.crt'),
    key: join(folder, 'tls.key'),
    ca: join(folder, 'ca.crt'),
  };
}

/** The Diffie-Hellman parameters in `folder`, `null` when there are none. */
export async function dhParamsIn(folder: string): Promise<string | null> {
  const file = join(folder, 'dh.pem');
  return access(file).then(
    () => file,
    () => null,
  );
}

/**
 * Reads the files of a TLS folder.
 *
 * @throws AgentError `usage` when one cannot be read, or they do not fit together. Files that are
 * being replaced may do so for a moment: who has read them before goes on with those.
 */
export async function readTlsMaterial(folder: string): Promise<TlsMaterial> {
  const files = tlsFilesIn(folder);
  try {
    const names = [files.cert, files.key, files.ca] as const;
    const [cert, key, ca] = await Promise.all(names.map((file) => readFile(file)));
    if (cert === undefined || key === undefined || ca === undefined) throw new Error('unread');
    const material = { cert, key, ca };
    createSecureContext(material);
    if (isVouchedFor(certificatesIn(cert), certificatesIn(ca))) return material;
  } catch (error) {
    throw new AgentError('usage', `the TLS files in '${folder}': ${messageOf(error)}`, error);
  }
  const message = `the TLS files in '${folder}': ca.crt holds no authority that vouches for tls.crt`;
  throw new AgentError('usage', message);
}

/** The moment at which the own certificate ends. */
export function expiryOf({ cert }: TlsMaterial): Date {
  return new X509Certificate(cert).validToDate;
}

/** All certificates of a PEM text. */
function certificatesIn(pem: Buffer): readonly X509Certificate[] {
  const blocks = pem
    .toString('latin1')
    .match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  return (blocks ?? []).map((block) => new X509Certificate(block));
}

/** Whether the first certificate, over those after it, leads to an authority that is believed. */
function isVouchedFor(
  [leaf, ...between]: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): boolean {
  let subject = leaf;
  for (let depth = 0; depth <= between.length && subject !== undefined; depth += 1) {
    const seen = subject;
    if (authorities.some((authority) => isIssuer(authority, seen))) return true;
    subject = between.find((one) => one !== seen && isIssuer(one, seen));
  }
  return false;
}

function isIssuer(issuer: X509Certificate, subject: X509Certificate): boolean {
  if (issuer.fingerprint256 === subject.fingerprint256) return true;
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}
