import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ImageDigests } from '../../../lib/config/index.ts';
import type { Template } from './intrinsic-functions.ts';

export interface ServiceTemplates {
  /** By the name of the service, such as `web`. */
  readonly templates: Readonly<Record<string, Template>>;
  /** Beginning of the names of the environment's parameters in Systems Manager, such as `/windows-auth/staging`. */
  readonly environmentPath: string;
}

export interface ServiceTemplateOptions {
  /** As `context.deployment` of `cdk.json` holds it. */
  readonly deployment: unknown;
  readonly domain: string;
  /** `sha256:…` of each image. */
  readonly images: ImageDigests;
  /** Where the template is written. */
  readonly file: string;
}

/**
 * Synthesizes the service stage of the first environment of a deployment, for a domain and images of this machine.
 * In a process of its own, so that the CDK's memory is given back and its warnings, which `npm run synth` shows, stay out
 * of the way.
 *
 * @throws Error with the end of what the CDK says
 */
export async function serviceTemplates({
  deployment,
  domain,
  images,
  file,
}: ServiceTemplateOptions): Promise<ServiceTemplates> {
  const program = join(import.meta.dirname, 'service-template-program.ts');
  const { exitCode, stderr, shortMessage } = await execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, file, domain, JSON.stringify(images)],
    {
      input: JSON.stringify(deployment),
      timeout: 600_000,
      reject: false,
      env: { NODE_ENV: 'production', NODE_OPTIONS: '' },
    },
  );
  if (exitCode !== 0) {
    throw new Error(
      `The services' templates could not be made:\n${(stderr || shortMessage || '').split('\n').slice(-15).join('\n')}`,
    );
  }
  return JSON.parse(await readFile(file, 'utf8'));
}
