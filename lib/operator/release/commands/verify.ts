import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ReleaseError } from '../../../aws/errors.ts';
import { baseImagesText, differingBases } from '../../../aws/provenance/base-images.ts';
import { publicKey } from '../../../aws/provenance/envelope.ts';
import { SigningKey } from '../../../aws/provenance/store.ts';
import { signingKeyAlias } from '../../../config/provenance-names.ts';
import { writeNamedFile } from '../../output.ts';
import { findEnvironment, type ReleaseContext } from '../context.ts';
import { short, sign } from '../format.ts';
import { type Bundle, readBundle, writeBundle } from '../verify/bundle.ts';
import { collect } from '../verify/collect.ts';
import { omissions } from '../verify/omissions.ts';
import { type VerifiedImage, verifyBundle } from '../verify/verify-bundle.ts';

export interface VerifyOptions {
  /** File to write the bundle to, so that it can be verified elsewhere. */
  readonly save?: string | undefined;
  /** File with a saved bundle, which is verified without calling AWS. */
  readonly bundle?: string | undefined;
  /** File with the public key; default: get it from KMS. */
  readonly key?: string | undefined;
}

/**
 * `release verify <environment>`: shows, for each image that runs there, the commit and build that made it, its
 * content, what has been checked, and who approved it.
 *
 * @returns whether everything is verified
 */
export async function verify(
  context: ReleaseContext,
  environmentName: string,
  { save, bundle: saved, key: keyFile }: VerifyOptions,
): Promise<boolean> {
  const { deployment, print, json } = context;
  const environment = findEnvironment(deployment, environmentName);
  if (saved && !keyFile) {
    throw new ReleaseError(
      'A bundle is verified with a key that does not come with it: name its file with --key. docs/operate.md says how to get it.',
    );
  }
  const bundle = saved ? readBundle(readText(saved)) : await collect(context, environment);
  if (bundle.environment !== environmentName) {
    throw new ReleaseError(`This bundle is about ${bundle.environment}, not about ${environmentName}.`);
  }
  const images = verifyBundle(deployment, bundle, await keyOf(context, keyFile));
  const missing = omissions(deployment, environment, bundle);
  const verified = missing.length === 0 && images.every((image) => image.verified || image.given);
  const { execution, tasks, approvals, savedAt } = bundle;
  const outcome = { images, missing, notes: notesOn(images, saved !== undefined) };
  if (json)
    print(
      JSON.stringify({
        ...{ environment: environmentName, verified, savedAt, from: saved ? 'bundle' : 'AWS' },
        ...{
          execution,
          ...outcome,
          tasks,
          approvals,
          notSigned: ['savedAt', 'execution', 'tasks', 'approvals'],
        },
      }),
    );
  else for (const line of verifyLines(bundle, outcome, context.terminal, saved !== undefined)) print(line);
  // Show the result first, because writing may fail on a full disk.
  const fault = save && (await writeNamedFile(save, writeBundle(bundle)));
  if (fault) throw new ReleaseError(fault);
  return verified;
}

async function keyOf({ deployment, waiting }: ReleaseContext, file: string | undefined): Promise<KeyObject> {
  if (file) return publicKey(read(file).toString('utf8'));
  const { region } = deployment.tools;
  return new SigningKey(signingKeyAlias(deployment), { ...waiting, region }).publicKey();
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ReleaseError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * Reads a file that must be valid UTF-8; returns an empty text otherwise, because decoding replaces invalid bytes
 * silently.
 */
function readText(file: string): string {
  const bytes = read(file);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : '';
}

interface Outcome {
  readonly images: readonly VerifiedImage[];
  readonly missing: readonly string[];
  /** Further information for the reader, one sentence each. */
  readonly notes: readonly string[];
}

function notesOn(images: readonly VerifiedImage[], saved: boolean): string[] {
  const stated = images.flatMap(({ name, stated }) => (stated ? [{ ...stated, name }] : []));
  return [
    ...differingBases(stated),
    ...(saved
      ? [
          'The execution and what the tasks run are as they were read when this bundle was saved: they are not signed.',
        ]
      : []),
  ];
}

function verifyLines(
  { environment, savedAt, execution, approvals }: Bundle,
  { images, missing, notes }: Outcome,
  terminal: boolean,
  saved: boolean,
): string[] {
  // A bundle shows only what was true when it was saved; an older one verifies just as well.
  const does = saved ? `ran on ${savedAt}, when this bundle says that it was saved,` : 'runs';
  const lines = [
    `${environment} ${does} ${short(execution.revision)} ${execution.title} (execution ${short(execution.id)})`,
  ];
  for (const { name, digest, verified, given, problem, stated, unchanged, components } of images) {
    lines.push(
      '',
      `${sign(given ? 'Stopped' : verified ? 'Succeeded' : 'Failed', terminal)} ${name}${digest && `@${digest}`}`,
    );
    if (problem) lines.push(`  ${problem}`);
    if (!stated) continue;
    const { scan, gates } = unchanged ?? stated;
    const { counts, threshold, accepted } = scan;
    const found = Object.entries(counts).map(([severity, count]) => `${count} ${severity}`);
    const letPass = accepted.map(({ id, until }) => `${id} until ${until}`);
    lines.push(
      `  commit     ${stated.revision} of ${stated.repository}`,
      `  build      ${stated.build}, ${stated.finishedOn}`,
      ...(unchanged
        ? [`  unchanged  at commit ${unchanged.revision}, which has the same inputs: key ${unchanged.inputs}`]
        : []),
      `  from       ${baseImagesText(stated.baseImages) || 'no base image is recorded'}`,
      `  materials  ${components} components, SHA-256 ${stated.sbom.sha256}`,
      `  scan       nothing of ${threshold} or above but what is accepted (${letPass.join(', ') || 'nothing'}); found: ${found.join(', ') || 'nothing'}`,
      ...Object.entries(gates).map(([gate, build]) => `  ${gate.padEnd(10)} passed: ${build}`),
    );
  }
  if (missing.length > 0)
    lines.push('', ...missing.map((sentence) => `${sign('Failed', terminal)} ${sentence}`));
  for (const sentence of notes) lines.push('', sentence);
  lines.push('', 'Approvals, as reported by CodePipeline (they are not signed):');
  for (const { stage, status, by, at, comment } of approvals) {
    lines.push(`  ${sign(status, terminal)} ${stage}: ${by || 'no name'}, ${at}${comment && `: ${comment}`}`);
  }
  if (approvals.length === 0) lines.push('  none were required');
  return lines;
}
