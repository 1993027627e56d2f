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

/** What every command of the release tool works with. */
export interface ReleaseContext {
  readonly deployment: Deployment;
  readonly clients: ReleaseClients;
  readonly pipeline: PipelineReader;
  /** How any other client waits: ended by the signal, with words, within the limits. */
  readonly waiting: Waiting;
  /** Clients for the account of an environment, through a role there. */
  readonly clientsFor: (region: string, roleArn: string) => BuildClients;
  /** Prints a line for people, or the one JSON document. */
  readonly print: (line: string) => void;
  /** A word meanwhile: that something takes its time. Whoever draws on the terminal puts it into the picture. */
  readonly voice: { say: (line: string) => void };
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
  /** A word meanwhile, on standard error. */
  readonly say: (line: string) => void;
  /** How long AWS may take; default: as everywhere. */
  readonly limits?: Limits | undefined;
}

/** The context of a deployment's tools account. */
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
 * The environment of that name.
 *
 * @throws ReleaseError with the names there are
 */
export function findEnvironment({ environments }: Deployment, name: string): Environment {
  const found = environments.find((environment) => environment.name === name);
  if (found) return found;
  const names = environments.map((environment) => environment.name).join(', ');
  throw new ReleaseError(`There is no environment "${name}"; there are: ${names}.`);
}
