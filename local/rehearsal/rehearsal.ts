import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AskedService } from '@packages/contracts';
import { loadDeployment } from '../../lib/config/index.ts';
import type { Images } from '../containers/images/build-images.ts';
import type { DatabaseServer } from '../database/server.ts';
import type { Domain } from '../directory/domain.ts';
import { claimLoopbackNetwork, type LoopbackNetwork } from '../directory/loopback-network.ts';
import type { LoadBalancer } from '../load-balancer/load-balancer.ts';
import { writtenDeployment } from '../pipeline/cdk-context.ts';
import { endRecordedProcesses } from '../processes/end-recorded-processes.ts';
import type { SecretsManager } from '../secrets-manager/index.ts';
import type { Service } from '../service/service.ts';
import type { Slot } from '../service/task.ts';
import { type RehearsalNames, rehearsalNamesOf } from './names.ts';
import type { UserSqlServer } from './user-sql-server.ts';

/** How many tasks run, and how many there is room for while a deployment replaces them. */
const taskCount = 2;
const slotCount = 4;

export interface RehearsalOptions {
  /** What `context.deployment` of cdk.json would hold; default: what it holds. */
  readonly deployment?: unknown;
  /** Another DNS name for the domain than the one in cdk.json. */
  readonly domain?: string | undefined;
  /** Prefix of the loopback network; default: any free one. */
  readonly network?: string;
  /** Port of the load balancer on `balancerAddress`. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly balancerAddress?: string;
  readonly stateDirectory: string;
  /** A SQL Server of the user's in place of the stand-in. */
  readonly sqlServer?: UserSqlServer | undefined;
  /** Told what happens after the delivery: tasks that end and are replaced, say. */
  readonly report?: (event: string) => void;
}

/**
 * Everything that a rehearsal has started so far. The stages fill it in their order; `dispose` ends it all.
 */
export interface Rehearsal {
  readonly names: RehearsalNames;
  /** What is rehearsed, as `context.deployment` of cdk.json holds it. */
  readonly deployment: unknown;
  readonly sqlServer: UserSqlServer | undefined;
  readonly network: LoopbackNetwork;
  readonly stateDirectory: string;
  readonly balancer: { readonly address: string; readonly port: number };
  readonly taskCount: number;
  readonly slots: readonly Slot[];
  readonly report: (event: string) => void;
  /** What is to be ended, the newest first. */
  readonly cleanUp: AsyncDisposableStack;
  readonly parts: Partial<Parts>;
  /** The further services that run, by their names. */
  readonly running: Map<string, Service>;
  /** Those among them that answer requests, with where they do. */
  readonly asked: Map<string, AskedService>;
  /** A part that an earlier action has started. @throws Error naming it when that action has not run */
  part<Name extends keyof Parts>(name: Name): Parts[Name];
  dispose(): Promise<void>;
}

export interface Parts {
  /** What tasks run from; without images they run as processes. */
  images: Images;
  domain: Domain;
  /** The domain of SQL Server, where that is another one. */
  serverDomain: Domain;
  secretsManager: SecretsManager;
  sqlServer: DatabaseServer;
  service: Service;
  loadBalancer: LoadBalancer;
}

/**
 * A rehearsal that has started nothing yet: it has claimed the network, and ended what an earlier rehearsal in the same
 * folder had left running.
 *
 * @throws Error when the network is in use, or the folder cannot be written
 * @throws ConfigurationError when the deployment is wrong
 */
export async function createRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const { stateDirectory, sqlServer, deployment = writtenDeployment(), report = () => {} } = options;
  const names = rehearsalNamesOf(loadDeployment(deployment), options.domain);
  try {
    await mkdir(stateDirectory, { recursive: true });
    // The services run as other users, and what they use is below it.
    await chmod(stateDirectory, 0o755);
  } catch (error) {
    throw new Error(`Nothing can be rehearsed in ${stateDirectory}: ${(error as Error).message}.`);
  }
  const network = await claimLoopbackNetwork(options.network);
  const cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => network.release());
  const left = await endRecordedProcesses(stateDirectory);
  if (left.length > 0) report(`ended what an earlier rehearsal had left running: ${left.join(', ')}`);
  // The last to run: finds also what was being started at the moment of the end.
  cleanUp.defer(async () => void (await endRecordedProcesses(stateDirectory)));

  const parts: Partial<Parts> = {};
  return {
    names: sqlServer?.tlsName === undefined ? names : { ...names, tlsName: sqlServer.tlsName },
    deployment,
    sqlServer,
    network,
    stateDirectory,
    balancer: { address: options.balancerAddress ?? '127.0.0.1', port: options.port },
    taskCount,
    slots: Array.from({ length: slotCount }, (_, i) => ({
      name: `task-${i + 1}`,
      address: network.address(31 + i),
      port: 8080,
    })),
    report,
    cleanUp,
    parts,
    running: new Map(),
    asked: new Map(),
    part(name) {
      const part = parts[name];
      if (part === undefined) throw new Error(`The action that starts the ${name} has not run.`);
      return part;
    },
    dispose: () => cleanUp.disposeAsync(),
  };
}

/** Folder of the rehearsal that `npm start` runs, below the state root. */
export function rehearsalDirectory(stateRoot: string): string {
  return join(stateRoot, 'rehearsal');
}
