import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ECRClient, GetRegistryScanningConfigurationCommand } from '@aws-sdk/client-ecr';
import {
  paginateListServiceQuotas,
  type ServiceQuota,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { createJsonClient } from '@services/provisioning';
import { awsClient, type ClientOptions } from '../../../aws/clients.ts';
import { patiently, usualLimits } from '../../../aws/patience.ts';
import { type Deployment, imageNames, imageRepositoryName } from '../../../config/index.ts';
import { replicationFindings } from '../neighbours.ts';
import type { Finding } from './preflight.ts';

/** The input of a check of the tools account. */
export interface ToolsContext {
  readonly deployment: Deployment;
  /** Client options for the tools account. */
  readonly clientOptions: ClientOptions;
}

export type ToolsCheck = (context: ToolsContext) => Promise<readonly Finding[]>;

/**
 * The number of builds that the pipeline runs in parallel, by CodeBuild's name for their kind, such as `Linux/Small`.
 */
export function buildsAtOnce({ images, services }: Deployment): Readonly<Record<string, number>> {
  const built = imageNames({ services }).length;
  // The two checks of the source run in parallel with the image builds.
  const others = 2;
  return images.architecture === 'arm64'
    ? { 'Linux/Small': others, 'ARM/Small': built, 'Linux/Medium': 1 }
    : { 'Linux/Small': others + built, 'Linux/Medium': 1 };
}

/**
 * Checks what the pipeline needs in its own account: a connection to the source, a quota of builds, and image scanning.
 */
export const toolsChecks: Readonly<Record<string, ToolsCheck>> = {
  connection: async ({ deployment: { source }, clientOptions }) => {
    if (source.type !== 'connection') return [];
    const status = await connectionStatus(source.connectionArn, clientOptions);
    if (status === 'AVAILABLE') return [];
    return [
      {
        message: `The connection of deployment.source.connectionArn is ${status}, not AVAILABLE: the pipeline could not read the source.`,
        remedy:
          'Open it in the console (Developer Tools, Settings, Connections), choose "Update pending connection", and sign in to the host of the repository.',
      },
    ];
  },
  'builds at once': async ({ deployment, clientOptions }) => {
    const client = awsClient(ServiceQuotasClient, clientOptions);
    const quotas: ServiceQuota[] = [];
    for await (const page of paginateListServiceQuotas({ client }, { ServiceCode: 'codebuild' })) {
      quotas.push(...(page.Quotas ?? []));
    }
    return Object.entries(buildsAtOnce(deployment)).flatMap(([kind, wanted]): Finding[] => {
      const found = quotas.find(
        ({ QuotaName }) => QuotaName === `Concurrently running builds for ${kind} environment`,
      );
      if (!found) {
        const { region } = deployment.tools;
        return [
          {
            message: `CodeBuild has no quota for builds called ${kind} in ${region}, so it may not offer them there.`,
            remedy: `Check whether ${region} offers them (https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html); otherwise choose another tools.region${kind.startsWith('ARM') ? ', or images.architecture x86_64' : ''}.`,
          },
        ];
      }
      const { Value: allowed = Number.POSITIVE_INFINITY, QuotaCode = '' } = found;
      if (allowed >= wanted) return [];
      return [
        {
          message: `CodeBuild runs ${allowed} of the builds called ${kind} at once in this account, and the pipeline starts ${wanted}: the others wait, or are refused with "Cannot have more than ${allowed} builds in queue".`,
          remedy: `Request more, which costs nothing: aws service-quotas request-service-quota-increase --service-code codebuild --quota-code ${QuotaCode} --desired-value ${wanted}`,
        },
      ];
    });
  },
  'image replication': ({ deployment, clientOptions }) =>
    replicationFindings(
      {
        stacks: awsClient(CloudFormationClient, clientOptions),
        registry: awsClient(ECRClient, clientOptions),
      },
      deployment,
      deployment.tools,
    ),
  'image scanning': async ({ deployment, clientOptions }) => {
    const { scanningConfiguration } = await awsClient(ECRClient, clientOptions).send(
      new GetRegistryScanningConfigurationCommand({}),
    );
    // With basic scanning, each repository's setting applies; with enhanced scanning, the registry's rules.
    if (scanningConfiguration?.scanType !== 'ENHANCED') return [];
    const filters = (scanningConfiguration.rules ?? []).flatMap(
      ({ scanFrequency, repositoryFilters = [] }) =>
        scanFrequency === 'MANUAL' ? [] : repositoryFilters.map(({ filter = '' }) => filter),
    );
    const left = imageNames(deployment)
      .map((name) => imageRepositoryName(deployment, name))
      .filter((name) => !filters.some((filter) => wildcard(filter).test(name)));
    if (left.length === 0) return [];
    return [
      {
        message: `The registry scans what its own rules name (ENHANCED), and none names ${left.join(' or ')}: the gate would wait for findings that no scan produces.`,
        remedy: `Add a rule for ${deployment.name}/* with the frequency SCAN_ON_PUSH or CONTINUOUS_SCAN (aws ecr put-registry-scanning-configuration).`,
      },
    ];
  },
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html */
function wildcard(filter: string): RegExp {
  // A filter without a star matches every name that contains it.
  const pattern = filter.includes('*') ? filter : `*${filter}*`;
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}

/** The service has had two names, and each of its APIs knows only ARNs of its own name. */
async function connectionStatus(connectionArn: string, clientOptions: ClientOptions): Promise<string> {
  const [, , service = '', region = ''] = connectionArn.split(':');
  const target =
    service === 'codeconnections'
      ? 'com.amazonaws.codeconnections.CodeConnections_20231201'
      : 'com.amazonaws.codestar.connections.CodeStar_connections_20191201';
  const { limits = usualLimits, signal, say = console.error } = clientOptions;
  const call = createJsonClient({
    service,
    region,
    endpoint: process.env.AWS_ENDPOINT_URL,
    answerLimit: limits.answer * 1000,
  });
  const what = { operation: 'GetConnection', service: `${service} in ${region}` };
  const { Connection } = await patiently({ limits, signal, say }, what, () =>
    call({
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `${target}.GetConnection` },
      body: { ConnectionArn: connectionArn },
    }),
  );
  return String((Connection as { ConnectionStatus?: unknown } | undefined)?.ConnectionStatus);
}
