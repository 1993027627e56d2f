import { type BuildClients, buildClients, type ReleaseClients, releaseClients } from '../../aws/clients.ts';
import { ReleaseError } from '../../aws/errors.ts';
import type { Deployment, Environment } from '../../config/index.ts';
import { pipelineName } from '../../config/pipeline-names.ts';
import { PipelineReader } from './pipeline/pipeline-reader.ts';

/** What every command of the release tool works with. */
export interface ReleaseContext {
  readonly deployment: Deployment;
  readonly clients: ReleaseClients;
  readonly pipeline: PipelineReader;
  /** Clients for the account of an environment, through a role there. */
  readonly clientsFor: (region: string, roleArn: string) => BuildClients;
  /** Prints a line for people, or the one JSON document. */
  readonly print: (line: string) => void;
  readonly json: boolean;
  /** Colours, and lines that are drawn again. */
  readonly terminal: boolean;
  /** Seconds between two looks at AWS. */
  readonly intervalSeconds: number;
  readonly signal: AbortSignal;
}

export interface ContextOptions {
  readonly json: boolean;
  readonly terminal: boolean;
  readonly intervalSeconds: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** The context of a deployment's tools account. */
export function releaseContext(deployment: Deployment, options: ContextOptions): ReleaseContext {
  const clients = releaseClients({ region: deployment.tools.region });
  return {
    ...options,
    deployment,
    clients,
    pipeline: new PipelineReader(clients.pipeline, pipelineName(deployment)),
    clientsFor: (region, roleArn) => buildClients({ region, roleArn }),
  };
}

/**
 * The environment of that name.
 *
 * @throws {ReleaseError} with the names there are
 */
export function findEnvironment({ environments }: Deployment, name: string): Environment {
  const found = environments.find((environment) => environment.name === name);
  if (found) return found;
  const names = environments.map((environment) => environment.name).join(', ');
  throw new ReleaseError(`There is no environment "${name}"; there are: ${names}.`);
}
