import type { SqlServer } from './props.ts';

/** The port that clients connect to. */
export function portOf({ port = 1433 }: SqlServer): number {
  return port;
}

/** The service principal name that a ticket is asked for. */
export function spnOf(server: SqlServer): string {
  return server.spn ?? `MSSQLSvc/${server.host}:${portOf(server)}`;
}
