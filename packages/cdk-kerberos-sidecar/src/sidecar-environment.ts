import { type SidecarEnvironment, sharedFolderEnvironment, sidecarFolders } from '@packages/contracts';
import { Tokenization } from 'aws-cdk-lib';
import { defaultNamespace } from './monitoring/ticket-metrics.ts';
import type { KerberosSidecarProps } from './props.ts';
import { spnOf } from './spn.ts';

/** The sidecar's variables, except for its credentials. */
export function sidecarEnvironment(props: KerberosSidecarProps, serviceName: string): Record<string, string> {
  return {
    DIRECTORY_DOMAIN: props.domain,
    SQL_SPN: spnOf(props.sqlServer),
    TICKET_MODE: props.ticketMode ?? 'service-ticket',
    ...(props.signInSpread && {
      SIGN_IN_SPREAD_SECONDS: Tokenization.stringifyNumber(props.signInSpread.toSeconds({ integral: false })),
    }),
    SHARED_DIRECTORY: sidecarFolders.shared,
    PRIVATE_DIRECTORY: sidecarFolders.private,
    METRICS_NAMESPACE: props.metricsNamespace ?? defaultNamespace,
    SERVICE_NAME: serviceName,
    ...props.environment,
    ...(props.credentials === 'fetched' && { CREDENTIALS_SECRET_ARN: props.user.secretArn }),
  } satisfies SidecarEnvironment;
}

/** The name under which ECS injects the secret. */
export const injectedAs: string = 'CREDENTIALS' satisfies keyof SidecarEnvironment;

/** The variables that give a served container, and the Kerberos library within it, the path of the ticket. */
export function kerberosVariables(mountPath: string): Record<string, string> {
  return sharedFolderEnvironment(mountPath);
}
