import type { LoginTarget } from '../authenticator.ts';
import { type CredentialCache, readCredentialCache } from '../credential-cache/read-credential-cache.ts';
import { fileOfCache } from '../credential-cache/watch-credential-cache.ts';
import type { LoginErrorCode } from '../errors/codes.ts';
import { isOutside } from '../service-principal-name.ts';

interface Wanted {
  readonly spn: string;
  readonly target: LoginTarget;
  /** The client principal, if one was chosen. */
  readonly principal?: string | undefined;
}

interface Explanation {
  readonly code: LoginErrorCode;
  /** A sentence without a full stop. */
  readonly detail?: string;
}

/**
 * Refines the error code by what the credential cache holds. GSSAPI has one message for an expired ticket and for a ticket
 * of another service ("Matching credential not found"), and one for an unknown service and an unknown realm ("Server not
 * found").
 */
export async function explainMissingTicket(code: LoginErrorCode, wanted: Wanted): Promise<Explanation> {
  if (code !== 'TICKET_MISSING' && code !== 'TICKET_EXPIRED' && code !== 'SPN_UNKNOWN') return { code };
  const file = await fileOfCache({ principal: wanted.principal });
  const cache = file && (await readCredentialCache(file).catch(() => undefined));
  if (!cache) return { code };
  return code === 'SPN_UNKNOWN'
    ? explainUnknownService(file, cache, wanted)
    : explainTicket(code, cache, wanted);
}

function explainTicket(code: LoginErrorCode, cache: CredentialCache, { spn }: Wanted): Explanation {
  const ticket =
    cache.tickets.find(({ server }) => server.split('@')[0] === spn) ??
    cache.tickets.find(({ server }) => server.startsWith('krbtgt/'));
  if (ticket && ticket.endsAt.getTime() <= Date.now()) {
    return {
      code: 'TICKET_EXPIRED',
      detail: `The ticket of ${cache.principal} for ${ticket.server} expired at ${ticket.endsAt.toISOString()}`,
    };
  }
  if (ticket) return { code };
  const held = cache.tickets.map(({ server }) => server).join(', ') || 'no ticket';
  return { code: 'TICKET_MISSING', detail: `No ticket for ${spn}; the credential cache holds ${held}` };
}

function explainUnknownService(file: string, cache: CredentialCache, { spn }: Wanted): Explanation {
  const realm = cache.principal.slice(cache.principal.lastIndexOf('@') + 1);
  const whose = `the credential cache ${file} is that of ${cache.principal}`;
  const known = {
    code: 'SPN_UNKNOWN',
    detail: `The directory ${realm} has no service ${spn}; ${whose}`,
  } as const;
  return isOutside(spn, realm)
    ? {
        code: 'REALM_UNKNOWN',
        detail: `${spn} is not in the ticket's realm ${realm}, and ${realm} has no path to it; ${whose}`,
      }
    : known;
}
