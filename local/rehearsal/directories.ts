import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startDomain } from '../directory/domain.ts';
import { trustDomain } from '../directory/trust.ts';
import { startSecretsManager } from '../secrets-manager/index.ts';
import type { Rehearsal } from './rehearsal.ts';

/**
 * Starts what the Network/Directory stage creates or finds: the user's domain, the domain of SQL Server that trusts it
 * if there is one, and the secret store.
 */
export async function startDirectory(
  rehearsal: Rehearsal,
  report: (line: string) => void = () => {},
): Promise<void> {
  const { network, names, stateDirectory, cleanUp, parts } = rehearsal;
  const domain = await startDomain({
    network,
    stateDirectory,
    name: names.name,
    netbiosName: names.netbiosName,
  });
  cleanUp.defer(() => domain.dispose());
  parts.domain = domain;
  report(`the domain ${names.name} answers on ${network.address(10)}`);
  if (names.serverDomain) await startServerDomain(rehearsal, names.serverDomain.name, report);
  const file = secretsFile(stateDirectory);
  await rm(file, { force: true });
  const secretsManager = await startSecretsManager({ address: network.address(40), file });
  cleanUp.defer(async () => {
    await secretsManager.stop();
    await rm(file, { force: true });
  });
  parts.secretsManager = secretsManager;
}

async function startServerDomain(
  rehearsal: Rehearsal,
  name: string,
  report: (line: string) => void,
): Promise<void> {
  const { network, stateDirectory, cleanUp, parts } = rehearsal;
  const domain = await startDomain({ network, host: 11, prefix: 'server-', stateDirectory, name });
  cleanUp.defer(() => domain.dispose());
  parts.serverDomain = domain;
  await trustDomain({ trusting: domain, trusted: rehearsal.part('domain') });
  report(`the domain ${name}, which trusts it, answers on ${network.address(11)}`);
}

/** The file in which a rehearsal keeps its secrets while it runs; only root may read it. */
export function secretsFile(stateDirectory: string): string {
  return join(stateDirectory, 'secrets.json');
}
