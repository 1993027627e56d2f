/**
 * The container's health command. Exits with 0 if the published cache holds a valid service ticket for SQL_SPN and the
 * sidecar reports itself healthy or degraded, else with 1, and prints one line that says why. For the ticket it does
 * not rely on the status but reads the cache itself.
 */
import { readFileSync } from 'node:fs';
import {
  type FoundVariables,
  type SidecarEnvironment,
  sharedFolder,
  sidecarFolders,
  type TicketStatus,
} from '@packages/contracts';
import { parseServicePrincipal } from './kerberos/service-principal.ts';
import { isValid, serviceTicketIn } from './ticket/ticket.ts';

const variables: FoundVariables<SidecarEnvironment> = process.env;
const { SHARED_DIRECTORY, SQL_SPN = '', DIRECTORY_DOMAIN = '' } = variables;
const server = parseServicePrincipal(SQL_SPN, DIRECTORY_DOMAIN.toUpperCase());
const folder = sharedFolder(SHARED_DIRECTORY || sidecarFolders.shared);

function judge(): { readonly healthy: boolean; readonly reason: string } {
  try {
    const { state, lastError } = JSON.parse(readFileSync(folder.status, 'utf8')) as TicketStatus;
    const ticket = server && serviceTicketIn(readFileSync(folder.cache), server);
    if (!ticket) {
      return {
        healthy: false,
        reason: `${folder.cache} holds no ticket for ${server?.principal ?? 'SQL_SPN, which is not set or no such name'}`,
      };
    }
    const ends = `the ticket ends at ${ticket.endsAt.toISOString()}`;
    return {
      healthy: isValid(ticket, new Date()) && (state === 'healthy' || state === 'degraded'),
      reason: `${state}: ${ends}${lastError ? `; ${lastError.message}` : ''}`,
    };
  } catch (error) {
    return { healthy: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

const { healthy, reason } = judge();
console.log(reason);
process.exitCode = healthy ? 0 : 1;
