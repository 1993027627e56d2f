import { Tokenization } from 'aws-cdk-lib';
import type { SqlServer } from './props.ts';

/** The port that clients connect to. */
export function portOf({ port = 1433 }: SqlServer): number {
  return port;
}

/** The service principal name for which a ticket is requested. */
export function spnOf(server: SqlServer): string {
  // The CDK represents a number that is known only at deployment by a placeholder number, which must not be put into
  // text directly.
  return server.spn ?? `MSSQLSvc/${server.host}:${Tokenization.stringifyNumber(portOf(server))}`;
}
