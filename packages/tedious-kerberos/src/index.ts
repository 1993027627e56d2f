// Re-exported because requests must come from the same copy of tedious as the connection.
export { ISOLATION_LEVEL, Request, RequestError, TYPES } from 'tedious';
export type { AuthenticationSession, Authenticator, Channel, LoginTarget } from './authenticator.ts';
export { type ConnectOptions, connect } from './connect.ts';
export { Connection, type ConnectionConfig, type TlsConfig } from './connection.ts';
export { credentialCacheFile } from './credential-cache/credential-cache-file.ts';
export {
  type CachedTicket,
  type CredentialCache,
  readCredentialCache,
} from './credential-cache/read-credential-cache.ts';
export type { LoginErrorCode } from './errors/codes.ts';
export { type GssStatus, LoginError, type LoginStep, type ServerErrorToken } from './errors/login-error.ts';
export { type KerberosOptions, kerberos } from './kerberos/kerberos-authenticator.ts';
export type { ParameterValue, TypedValue, TypeOptions } from './parameters/parameter-value.ts';
export { type AcquireOptions, createPool, type Pool, type PoolStatus } from './pool/create-pool.ts';
export { PoolError, type PoolErrorCode } from './pool/pool-error.ts';
export type { PoolConfig } from './pool/pool-options.ts';
export { type QueryOptions, type QueryResult, query } from './query.ts';
export { servicePrincipalName } from './service-principal-name.ts';
