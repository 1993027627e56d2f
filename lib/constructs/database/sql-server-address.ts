import type { Construct } from 'constructs';
import { type EnvironmentContext, readContract } from '../common/stage-contract.ts';

/** The address and names of SQL Server, as the database's stage has published them. */
export interface SqlServerAddress {
  readonly host: string;
  readonly port: string;
  /** Its service principal name. */
  readonly spn: string;
  /** The name that its certificate covers. */
  readonly tlsName: string;
}

/** @returns tokens, resolved when the stack is deployed */
export function sqlServerAddress(scope: Construct, context: EnvironmentContext): SqlServerAddress {
  return {
    host: readContract(scope, context, 'database', 'host'),
    port: readContract(scope, context, 'database', 'port'),
    spn: readContract(scope, context, 'database', 'service-principal'),
    tlsName: readContract(scope, context, 'database', 'tls-name'),
  };
}
