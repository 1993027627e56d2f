import { readFileSync } from 'node:fs';

/** The deployment as `cdk.json` has it. */
export function deploymentContext(): unknown {
  const file = new URL('../../../cdk.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).context.deployment;
}
