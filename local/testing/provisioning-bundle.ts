import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import {
  entryPoint,
  type ProvisioningHandler,
  provisioningCode,
} from '../../lib/constructs/common/provisioning-code.ts';

export type { ProvisioningHandler };

const [moduleName, exported = ''] = entryPoint.split('.');
const modules = new Map<string, string>();

/** Writes a function's code as it would be uploaded, once, and returns the path of its module. */
export function bundle(folder: string, handler: ProvisioningHandler): string {
  const known = modules.get(`${folder}/${handler}`);
  if (known) return known;
  const app = new App({ outdir: join(folder, handler) });
  provisioningCode(handler).bind(new Stack(app, 'stack'));
  const asset = readdirSync(app.outdir).find((name) => statSync(join(app.outdir, name)).isDirectory());
  const module = join(app.outdir, asset ?? 'none', `${moduleName}.mjs`);
  modules.set(`${folder}/${handler}`, module);
  return module;
}

/** The function that Lambda calls. */
export async function bundledHandler(
  folder: string,
  handler: ProvisioningHandler,
): Promise<(event: object, context?: object) => Promise<void>> {
  return (await import(bundle(folder, handler)))[exported];
}
