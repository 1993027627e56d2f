import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CloudFormationValidatePlugin, type IPolicyValidationPlugin } from 'aws-cdk-lib';
import { handlerPermissions } from '../pipeline/iam/handlers.ts';

let plugin: IPolicyValidationPlugin | undefined;

/**
 * The CDK's own template check, one for all apps of a process. It recompiles its rules, which takes seconds, whenever a
 * template has a new type of resource. Here, it has already seen all types.
 */
export function validator(): IPolicyValidationPlugin {
  if (!plugin) {
    // The CDK is compiled without exact optional properties, so an absent version may be `undefined`.
    plugin = new CloudFormationValidatePlugin() as IPolicyValidationPlugin;
    haveSeen(plugin, [...handlerPermissions.keys()]);
  }
  return plugin;
}

function haveSeen(seeing: IPolicyValidationPlugin, types: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'types-'));
  try {
    const templatePath = join(folder, 'types.template.json');
    const Resources = Object.fromEntries(types.map((Type, index) => [`Type${index}`, { Type }]));
    writeFileSync(templatePath, JSON.stringify({ Resources }));
    seeing.validate({
      appConstruct: new App({ outdir: folder }),
      templatePaths: [templatePath],
      stackTemplates: [
        { stackConstructPath: 'types', templatePath, accountId: '111111111111', region: 'eu-central-1' },
      ],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
