import { Fields, insideApplication } from '../der/read.ts';
import { readEncryptedData } from './encrypted-data.ts';

const application = 1;

/**
 * The number of the encryption type that a ticket is encrypted with, which is that of the service's key (RFC 4120,
 * section 5.3).
 *
 * @throws KerberosError MESSAGE_MALFORMED
 */
export function ticketEncryptionType(ticket: Buffer): number {
  const fields = new Fields(insideApplication(ticket, application, 'the ticket'), 'the ticket');
  return fields.required(3, readEncryptedData).type;
}
