import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

/** Where clients work, and as whom. */
export interface ClientOptions {
  readonly region: string;
  /** A role to take on first; default: the credentials at hand. */
  readonly roleArn?: string | undefined;
}

/** Throttled calls are tried again, ever more slowly: some 20 s in all before it is given up. */
const retries = { maxAttempts: 8, retryMode: 'standard' };

function options({ region, roleArn }: ClientOptions) {
  if (!roleArn) return { region, ...retries };
  const params = { RoleArn: roleArn, RoleSessionName: 'integration-test', DurationSeconds: 3600 };
  return { region, ...retries, credentials: fromTemporaryCredentials({ params, clientConfig: { region } }) };
}

export interface BuildClients {
  readonly builds: CodeBuildClient;
  readonly logs: CloudWatchLogsClient;
}

/** Clients for builds and their logs. */
export function buildClients(place: ClientOptions): BuildClients {
  return { builds: new CodeBuildClient(options(place)), logs: new CloudWatchLogsClient(options(place)) };
}

export interface ReleaseClients extends BuildClients {
  readonly pipeline: CodePipelineClient;
}

/** Clients for the tools account. */
export function releaseClients(place: ClientOptions): ReleaseClients {
  return { ...buildClients(place), pipeline: new CodePipelineClient(options(place)) };
}
