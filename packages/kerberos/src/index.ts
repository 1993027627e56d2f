export type { Configuration } from './configuration/configuration.ts';
export { configurationFrom, loadConfiguration } from './configuration/load-configuration.ts';
export type { ServerAddress } from './configuration/server-address.ts';
export { assertValidNow, type Credential } from './credential.ts';
export { clientsCachePath } from './credential-cache/collection.ts';
export {
  type CachedCredential,
  type CredentialCache,
  cacheable,
  type TypedOctets,
  usable,
} from './credential-cache/credential-cache.ts';
export {
  readCredentialCache,
  type WriteCredentialCacheOptions,
  writeCredentialCache,
} from './credential-cache/files.ts';
export { formatCredentialCache, parseCredentialCache } from './credential-cache/format.ts';
export { credentialCacheName, credentialCachePath } from './credential-cache/location.ts';
export { Key } from './crypto/key.ts';
export {
  KerberosError,
  type KerberosErrorCode,
  type KerberosErrorOptions,
  type KrbErrorReport,
} from './errors/kerberos-error.ts';
export { krbErrorMeaning } from './errors/krb-error-codes.ts';
export { mechanism } from './gss/framing.ts';
export { type InitiatorOptions, KerberosInitiator } from './gss/kerberos-initiator.ts';
export { NegotiateInitiator, type NegotiateOptions } from './gss/negotiate-initiator.ts';
export { type InitialTicketOptions, obtainInitialTicket } from './kdc/as-exchange.ts';
export { type ChangePasswordOptions, changePassword } from './kdc/change-password.ts';
export { KdcClient, type KdcClientOptions } from './kdc/kdc-client.ts';
export { kdcClock, probeKdc } from './kdc/kdc-clock.ts';
export type { ResolveSrv } from './kdc/locate.ts';
export { obtainServiceTicket, type ServiceTicketOptions } from './kdc/tgs-exchange.ts';
export { ticketEncryptionType } from './messages/ticket.ts';
export {
  formatName,
  formatPrincipal,
  type Principal,
  type PrincipalName,
  parsePrincipal,
  samePrincipal,
} from './principal.ts';
export { type TicketOptions, TicketSource, type TicketSourceOptions } from './ticket-source.ts';
