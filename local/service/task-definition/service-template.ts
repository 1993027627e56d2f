import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ImageDigests } from '../../../lib/config/index.ts';
import { keptFolder } from '../../kept/kept-folder.ts';
import { sourceKey } from '../../kept/source-key.ts';
import { cdkContext } from '../../pipeline/cdk-context.ts';
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
}

const file = 'templates.json';

/**
 * The service stage of the first environment of a deployment, for a domain and images of this machine. It is synthesized
 * once for the same sources, in a process of its own, so that the CDK's memory is given back and its warnings, which
 * `npm run synth` shows, stay out of the way.
 *
 * @throws Error with the end of what the CDK says
 */
export async function serviceTemplates(options: ServiceTemplateOptions): Promise<ServiceTemplates> {
  const from = [sourceKey(), cdkContext(), options];
  const folder = await keptFolder({ name: 'service-templates', from }, (made) =>
    synthesize(options, join(made, file)),
  );
  return JSON.parse(await readFile(join(folder, file), 'utf8'));
}

async function synthesize(
  { deployment, domain, images }: ServiceTemplateOptions,
  output: string,
): Promise<void> {
  const program = join(import.meta.dirname, 'service-template-program.ts');
  const { exitCode, stderr, shortMessage } = await execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, output, domain, JSON.stringify(images)],
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
}
