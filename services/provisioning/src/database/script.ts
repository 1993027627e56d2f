import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { ProvisioningError } from '../provisioning-error.ts';

/** A T-SQL script. Its name is its identity: the records of applied batches refer to it. */
export interface Script {
  readonly name: string;
  readonly text: string;
  /** SHA-256 of its octets as read; hexadecimal. */
  readonly sha256: string;
}

/** Where to find a script of the user's own. */
export interface ScriptSource {
  readonly url: string;
  readonly sha256: string;
}

const folder = new URL('./music-store/', import.meta.url);
/** Octets; a larger script is data, which should be loaded by other means. */
const sizeLimit = 64 * 1024 * 1024;
/** Milliseconds for the whole download. */
const downloadLimit = 60_000;

/** The music store's scripts, in the order of their names: the versions of its schema and data. */
export async function musicStoreScripts(): Promise<Script[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return await Promise.all(names.map(async (name) => script(name, await readFile(new URL(name, folder)))));
}

/**
 * Fetches a script and verifies that it is the intended one.
 *
 * @throws ProvisioningError if it cannot be fetched, has another hash, or is not text
 */
export async function fetchScript({ url, sha256 }: ScriptSource): Promise<Script> {
  const name = new URL(url).pathname.split('/').at(-1) || 'script.sql';
  const fetched = script(name, await download(url));
  if (fetched.sha256 !== sha256.toLowerCase()) {
    throw new ProvisioningError(
      `The script at ${shown(url)} has the SHA-256 ${fetched.sha256}, not ${sha256}: if the change is intended, put the new hash ` +
        'into the configuration.',
    );
  }
  return fetched;
}

async function download(url: string): Promise<Buffer> {
  let cause: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(downloadLimit) });
    const octets = response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
    if (octets && octets.length <= sizeLimit) return octets;
    cause = octets ? `it is larger than ${sizeLimit} octets` : `the answer is ${response.status}`;
  } catch (error) {
    const { cause: inner, message } = error as Error;
    cause = inner instanceof Error ? inner.message : message;
  }
  throw new ProvisioningError(
    `The script at ${shown(url)} cannot be fetched (${cause}): give an address that the private subnets reach, for example in ` +
      'an S3 bucket of this region, or give them a NAT gateway.',
  );
}

/** An address without its query, which may contain a signature that grants access. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

function script(name: string, octets: Buffer): Script {
  return { name, text: decode(name, octets), sha256: createHash('sha256').update(octets).digest('hex') };
}

/** UTF-8, or UTF-16 with a byte order mark, as Management Studio saves scripts. */
function decode(name: string, octets: Buffer): string {
  const encoding =
    octets[0] === 0xff && octets[1] === 0xfe
      ? 'utf-16le'
      : octets[0] === 0xfe && octets[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(octets);
    // UTF-16 without a byte order mark passes for UTF-8: half of its octets are zero.
    if (!text.includes('\0')) return text;
  } catch {
    // Reported below.
  }
  throw new ProvisioningError(`The script ${name} is neither UTF-8 nor UTF-16: save it as UTF-8.`);
}
