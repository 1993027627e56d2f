import type { Deployment } from './deployment.ts';
import { sourceAddress } from './source-address.ts';

const path = 'docs/operate.md';

/**
 * The address of a section of the runbook, for alarms to link to: on the web if `runbookUrl` is given or the source is
 * a repository behind a connection (assumed to be GitHub), else its path in this repository.
 *
 * @param section the section's anchor, which is its heading in lower case with hyphens
 */
export function runbookSection(deployment: Deployment, section: string): string {
  const { source, runbookUrl } = deployment;
  const repository =
    source.type === 'connection' ? `${sourceAddress(deployment)}/blob/${source.branch}/${path}` : path;
  return `${runbookUrl ?? repository}#${section}`;
}
