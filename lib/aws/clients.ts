import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { isPage } from './errors.ts';
import { type Limits, patiently, usualLimits } from './patience.ts';

/** Region, identity and limits of a client. */
export interface ClientOptions {
  readonly region: string;
  /** The role to assume; default: use the current credentials as they are. */
  readonly roleArn?: string | undefined;
  /** Session name of the assumed role, as the account's log shows it. */
  readonly sessionName?: string | undefined;
  /** Aborts every call, except those that pass their own signal. */
  readonly signal?: AbortSignal | undefined;
  /** Receives a line when AWS keeps us waiting; default: standard error. */
  readonly say?: ((line: string) => void) | undefined;
  readonly limits?: Limits | undefined;
}

interface Sender {
  readonly middlewareStack: {
    add(middleware: (next: Handle) => Handle, options: object): void;
  };
  send(command: object, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
}

/** Sends a request and returns the response before the SDK parses it. */
type Handle = (input: unknown) => Promise<{ readonly response: unknown }>;

/** Rejects a proxy's HTML or text page, which the SDK would read as an empty answer in its XML protocols. */
function refusePages(next: Handle): Handle {
  return async (input) => {
    const result = await next(input);
    const { statusCode, headers = {} } = result.response as {
      statusCode?: number;
      headers?: Record<string, string>;
    };
    if (!isPage(headers['content-type'])) return result;
    throw Object.assign(new Error(`HTTP ${statusCode}, ${headers['content-type']}`), {
      $metadata: { httpStatusCode: statusCode },
      $response: result.response,
    });
  };
}

/**
 * Creates an AWS client whose calls time out, and which reports when AWS is slow to answer. Programs and tools create
 * their clients here, or set `throwOnRequestTimeout` themselves: without it, the SDK only warns when its limit has
 * passed and waits for a silent peer indefinitely.
 */
export function awsClient<Client>(
  // biome-ignore lint/suspicious/noExplicitAny: each client has its own configuration type
  Kind: new (configuration: any) => Client,
  { region, roleArn, sessionName, signal, say = console.error, limits = usualLimits }: ClientOptions,
): Client {
  const configuration = {
    region,
    maxAttempts: limits.attempts,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: limits.connect * 1000,
      requestTimeout: limits.answer * 1000,
      socketTimeout: limits.answer * 1000,
      throwOnRequestTimeout: true,
    },
  };
  const params = {
    RoleArn: roleArn,
    RoleSessionName: sessionName ?? 'integration-test',
    DurationSeconds: 3600,
  };
  const client = new Kind({
    ...configuration,
    ...(roleArn && { credentials: fromTemporaryCredentials({ params, clientConfig: configuration }) }),
  });
  const sender = client as unknown as Sender;
  sender.middlewareStack.add(refusePages, { step: 'deserialize', priority: 'low', name: 'refusePages' });
  const send = sender.send.bind(client);
  const service = `${Kind.name.replace(/Client$/, '')} in ${region}`;
  sender.send = (command, options) => {
    const call = { service, operation: command.constructor.name.replace(/Command$/, '') };
    return patiently({ limits, say, signal: options?.abortSignal ?? signal }, call, (abortSignal) =>
      send(command, { ...options, abortSignal }).catch((error: unknown) => {
        throw error instanceof Error ? Object.assign(error, { call }) : error;
      }),
    );
  };
  return client;
}

/** How a client waits: the signal that aborts it, where it reports delays, and its limits. */
export type Waiting = Pick<ClientOptions, 'signal' | 'say' | 'limits'>;

export interface BuildClients {
  readonly builds: CodeBuildClient;
  readonly logs: CloudWatchLogsClient;
}

/** Clients for builds and their logs. */
export function buildClients(options: ClientOptions): BuildClients {
  return { builds: awsClient(CodeBuildClient, options), logs: awsClient(CloudWatchLogsClient, options) };
}

export interface ReleaseClients extends BuildClients {
  readonly pipeline: CodePipelineClient;
}

/** Clients for the tools account. */
export function releaseClients(options: ClientOptions): ReleaseClients {
  return { ...buildClients(options), pipeline: awsClient(CodePipelineClient, options) };
}
