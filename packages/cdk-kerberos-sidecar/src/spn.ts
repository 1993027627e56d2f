import { Tokenization } from 'aws-cdk-lib';
import type { SqlServer } from './props.ts';

/** The port that clients connect to. */
export function portOf({ port = 1433 }: SqlServer): number {
  return port;
}

/** The service principal name that a ticket is asked for. */
export function spnOf(server: SqlServer): string {
  // A number that only a deployment knows is one of the CDK's own until then, which no text should have.
  return server.spn ?? `MSSQLSvc/${server.host}:${Tokenization.stringifyNumber(portOf(server))}`;
}
