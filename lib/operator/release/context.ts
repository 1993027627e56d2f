import {
  type BuildClients,
  buildClients,
  type ReleaseClients,
  releaseClients,
  type Waiting,
} from '../../aws/clients.ts';
import { ReleaseError } from '../../aws/errors.ts';
import type { Limits } from '../../aws/patience.ts';
import { printable, printableJson } from '../../aws/plain-text.ts';
import type { Deployment, Environment } from '../../config/index.ts';
import { pipelineName } from '../../config/pipeline-names.ts';
import { PipelineReader } from './pipeline/pipeline-reader.ts';

/** What all commands of the release tool share. */
export interface ReleaseContext {
  readonly deployment: Deployment;
  readonly clients: ReleaseClients;
  readonly pipeline: PipelineReader;
  /** How other clients wait: the signal, where delays are reported, and the limits. */
  readonly waiting: Waiting;
  /** Clients for an environment's account, through a role there. */
  readonly clientsFor: (region: string, roleArn: string) => BuildClients;
  /** Prints a line for people, or a JSON document. */
  readonly print: (line: string) => void;
  /**
   * Shows that something is taking time. A command that draws on the terminal replaces `say` to show it within the
   * picture.
   */
  readonly voice: { say: (line: string) => void };
  readonly json: boolean;
  /** Whether to use colours and redraw lines. */
  readonly terminal: boolean;
  /** Seconds between two polls of AWS. */
  readonly intervalSeconds: number;
  readonly signal: AbortSignal;
}

export interface ContextOptions {
  readonly json: boolean;
  readonly terminal: boolean;
  readonly intervalSeconds: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** Prints that something is taking time, to standard error. */
  readonly say: (line: string) => void;
  /** Limits on how long AWS may take; default: the usual ones. */
  readonly limits?: Limits | undefined;
}

/** The context for a deployment's tools account. */
export function releaseContext(deployment: Deployment, options: ContextOptions): ReleaseContext {
  const voice = { say: (line: string) => options.say(printable(line, options.terminal)) };
  const waiting = {
    signal: options.signal,
    say: (line: string) => voice.say(line),
    limits: options.limits,
  };
  const clients = releaseClients({ ...waiting, region: deployment.tools.region });
  const print = (lines: string) =>
    options.print(options.json ? printableJson(lines) : printable(lines, options.terminal));
  return {
    ...options,
    print,
    voice,
    waiting,
    deployment,
    clients,
    pipeline: new PipelineReader(clients.pipeline, pipelineName(deployment)),
    clientsFor: (region, roleArn) => buildClients({ ...waiting, region, roleArn }),
  };
}

/**
 * Finds an environment by name.
 *
 * @throws ReleaseError that lists the environments, if there is none of that name
 */
export function findEnvironment({ environments }: Deployment, name: string): Environment {
  const found = environments.find((environment) => environment.name === name);
  if (found) return found;
  const names = environments.map((environment) => environment.name).join(', ');
  throw new ReleaseError(`There is no environment "${name}"; there are: ${names}.`);
}
