import type { Construct } from 'constructs';
import { type Place, readContract } from '../common/stage-contract.ts';

/** How SQL Server is reached and what it is called, as the database's stage has published it. */
export interface SqlServerAddress {
  readonly host: string;
  readonly port: string;
  /** Its service principal name. */
  readonly principal: string;
  /** The name that its certificate bears. */
  readonly tlsName: string;
}

/** @returns tokens, resolved when the stack is deployed */
export function sqlServerAddress(scope: Construct, place: Place): SqlServerAddress {
  return {
    host: readContract(scope, place, 'database', 'host'),
    port: readContract(scope, place, 'database', 'port'),
    principal: readContract(scope, place, 'database', 'service-principal'),
    tlsName: readContract(scope, place, 'database', 'tls-name'),
  };
}
