/**
 * Writes an OCI image archive out of plain layer archives, so that images can be made where there is
 * neither Docker nor a registry.
 *
 * usage: oci.ts ARCHIVE NAME:TAG CONFIG-JSON LAYER.tar...
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { copyFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A blob as OCI refers to it; `size` in bytes. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const mediaTypes = {
  layer: 'application/vnd.oci.image.layer.v1.tar',
  config: 'application/vnd.oci.image.config.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
};

const platform = { architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux' };

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}

function blobPath(folder: string, digest: string): string {
  return join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length));
}

async function addLayer(folder: string, archive: string): Promise<Descriptor> {
  const digest = await digestOf(archive);
  const blob = blobPath(folder, digest);
  try {
    linkSync(archive, blob);
  } catch {
    copyFileSync(archive, blob);
  }
  return { mediaType: mediaTypes.layer, digest, size: statSync(blob).size };
}

function addJson(folder: string, mediaType: string, value: object): Descriptor {
  const content = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  writeFileSync(blobPath(folder, digest), content);
  return { mediaType, digest, size: content.length };
}

function imageConfig(given: string, layers: readonly Descriptor[]): object {
  return {
    ...platform,
    config: JSON.parse(given) as object,
    // A layer that is not compressed has the same digest on both sides of the unpacking.
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    history: layers.map(() => ({ created_by: 'scripts/cluster images' })),
  };
}

function writeIndex(folder: string, name: string, manifest: Descriptor): void {
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name,
  };
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...manifest, platform, annotations }],
  };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

async function main([archive, name, config, ...layerFiles]: readonly string[]): Promise<void> {
  if (archive === undefined || name === undefined || config === undefined) {
    throw new Error('usage: oci.ts ARCHIVE NAME:TAG CONFIG-JSON LAYER.tar...');
  }
  const out = resolve(archive);
  const folder = mkdtempSync(join(dirname(out), '.oci-'));
  try {
    mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
    const layers: Descriptor[] = [];
    for (const file of layerFiles) layers.push(await addLayer(folder, resolve(file)));
    const manifest = addJson(folder, mediaTypes.manifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: addJson(folder, mediaTypes.config, imageConfig(config, layers)),
      layers,
    });
    writeIndex(folder, name, manifest);
    const temporary = join(folder, 'image.tar');
    execFileSync('tar', ['-C', folder, '-cf', temporary, 'oci-layout', 'index.json', 'blobs']);
    renameSync(temporary, out);
    console.log(`${name} ${manifest.digest}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main(process.argv.slice(2));
