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

/** The number of tasks, and the number of slots, some of which stay free for deployments. */
const taskCount = 2;
const slotCount = 4;

export interface RehearsalOptions {
  /** The content of `context.deployment` in cdk.json; default: what cdk.json contains. */
  readonly deployment?: unknown;
  /** DNS name of the domain, in place of the one in cdk.json. */
  readonly domain?: string | undefined;
  /** Prefix of the loopback network; default: any free one. */
  readonly network?: string;
  /** Port of the load balancer on `balancerAddress`. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly balancerAddress?: string;
  readonly stateDirectory: string;
  /** A SQL Server of the user's, in place of the stand-in. */
  readonly sqlServer?: UserSqlServer | undefined;
  /** Called with events after the delivery, for example when a task ends and is replaced. */
  readonly report?: (event: string) => void;
}

/** Everything that a rehearsal has started so far. The stages fill it in order; `dispose` ends it all. */
export interface Rehearsal {
  readonly names: RehearsalNames;
  /** The rehearsed deployment, as in `context.deployment` of cdk.json. */
  readonly deployment: unknown;
  readonly sqlServer: UserSqlServer | undefined;
  readonly network: LoopbackNetwork;
  readonly stateDirectory: string;
  readonly balancer: { readonly address: string; readonly port: number };
  readonly taskCount: number;
  readonly slots: readonly Slot[];
  readonly report: (event: string) => void;
  /** Clean-up actions, run in reverse order. */
  readonly cleanUp: AsyncDisposableStack;
  readonly parts: Partial<Parts>;
  /** The running further services, by name. */
  readonly running: Map<string, Service>;
  /** The web services among them, with their addresses. */
  readonly asked: Map<string, AskedService>;
  /** A part that an earlier action has started. @throws Error that names the part if that action has not run */
  part<Name extends keyof Parts>(name: Name): Parts[Name];
  dispose(): Promise<void>;
}

export interface Parts {
  /** The images that tasks run from; without images they run as processes. */
  images: Images;
  domain: Domain;
  /** The domain of SQL Server, if it is another domain. */
  serverDomain: Domain;
  secretsManager: SecretsManager;
  sqlServer: DatabaseServer;
  service: Service;
  loadBalancer: LoadBalancer;
}

/**
 * Creates a rehearsal that has started nothing yet, but has claimed the network and ended the processes that an earlier
 * rehearsal in the same folder had left running.
 *
 * @throws Error when the network is in use, or the folder is not writable
 * @throws ConfigurationError when the deployment is wrong
 */
export async function createRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const { stateDirectory, sqlServer, deployment = writtenDeployment(), report = () => {} } = options;
  const names = rehearsalNamesOf(loadDeployment(deployment), options.domain);
  try {
    await mkdir(stateDirectory, { recursive: true });
    // The services run as other users and use files below this folder.
    await chmod(stateDirectory, 0o755);
  } catch (error) {
    throw new Error(`Cannot rehearse in ${stateDirectory}: ${(error as Error).message}.`);
  }
  const network = await claimLoopbackNetwork(options.network);
  const cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => network.release());
  const left = await endRecordedProcesses(stateDirectory);
  if (left.length > 0)
    report(`ended processes that an earlier rehearsal had left running: ${left.join(', ')}`);
  // Runs last, so that it also finds processes that were just being started.
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
