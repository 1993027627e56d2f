import {
  type KerberosSite as KerberosDomain,
  startKerberosSite as startKerberosDomain,
} from '../../../../local/testing/kerberos-site.ts';
import { type LoginOutcome, type LoginRequest, loginProcess } from './login-process.ts';

/** A domain with a directory user and a host for SQL Server, and logins to that host with this package. */
export interface KerberosSite extends KerberosDomain {
  /** Logs in with this cache, in a separate process. */
  login(
    ccache: string,
    request?: Partial<LoginRequest>,
    environment?: NodeJS.ProcessEnv,
  ): Promise<LoginOutcome>;
}

export async function startKerberosSite(): Promise<KerberosSite> {
  const site = await startKerberosDomain();
  return {
    ...site,
    login(ccache, request = {}, environment = {}) {
      const { connection, ...others } = request;
      const options = { port: 1433, encrypt: false, connectTimeout: 30_000, ...connection?.options };
      return loginProcess(
        { connection: { server: site.host, ...connection, options }, ...others },
        { ...site.domain.environment, KRB5CCNAME: `FILE:${ccache}`, ...environment },
      );
    },
  };
}
