import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { SqlServerOptions } from './server.ts';

const file = z.string().refine((path) => existsSync(path), { error: 'must be a file that exists' });
const name = z.string().min(1, 'must not be empty');

/** The environment of `main.ts`. */
const environment = z.object({
  SQL_SERVER_ADDRESS: name.default('127.0.0.1'),
  SQL_SERVER_PORT: z.coerce.number().int().min(0).max(65_535).default(1433),
  SQL_SERVER_INSTANCE: name.default('music-db'),
  SQL_SERVER_TLS_NAME: name,
  SQL_SERVER_CERTIFICATE_DIRECTORY: name.optional(),
  SQL_SERVER_STORAGE_DIRECTORY: name.optional(),
  SQL_SERVER_KEYTAB: file.optional(),
  SQL_SERVER_REALM: name.optional(),
  SQL_SERVER_NETBIOS_NAME: name.optional(),
  SQL_SERVER_ADMIN_USERNAME: name.default('admin'),
  SQL_SERVER_ADMIN_PASSWORD: name,
  SQL_SERVER_FORCE_ENCRYPTION: z.enum(['true', 'false']).default('false'),
  SQL_SERVER_SSPI_TOKEN: z.enum(['with-login', 'before-login']).default('with-login'),
  SQL_SERVER_REFUSAL_TOKEN: z.enum(['true', 'false']).default('false'),
  SQL_SERVER_ROUTE_TO: z
    .string()
    .regex(/^[^:]+:\d+$/, 'must be <host>:<port>')
    .optional(),
});

/** Reads the settings; an Error with one sentence for each that is wrong. */
export function readConfiguration(variables: Readonly<Record<string, string | undefined>>): SqlServerOptions {
  const read = environment.safeParse(variables);
  if (!read.success) {
    throw new Error(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  }
  const { data } = read;
  const [server, port] = data.SQL_SERVER_ROUTE_TO?.split(':') ?? [];
  const optional = {
    certificateDirectory: data.SQL_SERVER_CERTIFICATE_DIRECTORY,
    storageDirectory: data.SQL_SERVER_STORAGE_DIRECTORY,
    keytab: data.SQL_SERVER_KEYTAB,
    realm: data.SQL_SERVER_REALM,
    netbiosName: data.SQL_SERVER_NETBIOS_NAME,
    routeTo: server && port ? { server, port: Number(port) } : undefined,
  };
  return {
    address: data.SQL_SERVER_ADDRESS,
    port: data.SQL_SERVER_PORT,
    instance: data.SQL_SERVER_INSTANCE,
    tlsName: data.SQL_SERVER_TLS_NAME,
    admin: { username: data.SQL_SERVER_ADMIN_USERNAME, password: data.SQL_SERVER_ADMIN_PASSWORD },
    forceEncryption: data.SQL_SERVER_FORCE_ENCRYPTION === 'true',
    sspiToken: data.SQL_SERVER_SSPI_TOKEN,
    refusalToken: data.SQL_SERVER_REFUSAL_TOKEN === 'true',
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}
