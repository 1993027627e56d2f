import '../src/register.ts'; // before mssql
import knex from 'knex';
// @ts-expect-error: it has no types
import MssqlClient from 'knex/lib/dialects/mssql/index.js';
import { Kysely, MssqlDialect, sql } from 'kysely';
// @ts-expect-error: it has no types of its own
import mssql from 'mssql';
import { QueryTypes, Sequelize, Transaction } from 'sequelize';
import * as tarn from 'tarn';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SqlServerProcess, tlsName } from '../../../local/testing/sql-server.ts';
import * as tedious from '../src/tedious.ts';
import { type KerberosSite, startKerberosSite } from './domain/kerberos-site.ts';
import { startMusicServer } from './domain/music-server.ts';
import { statements } from './libraries/use-library.ts';

/** A library's pool with two connections. */
interface TwoConnections {
  login(): Promise<string>;
  /** Begins a transaction and holds its connection until it is released. */
  hold(): Promise<() => Promise<unknown>>;
  close(): Promise<unknown>;
}

const password = 'Correct horse 12';
const who = 'SELECT SUSER_SNAME() AS login';
let site: KerberosSite;
let server: SqlServerProcess;
let authentications: readonly tedious.KerberosAuthentication[];
let options: tedious.ConnectionOptions;
beforeAll(async () => {
  site = await startKerberosSite();
  server = await startMusicServer(site, ...statements);
  await site.domain.createUser('other-user', password);
  await server.administer(
    'CREATE LOGIN [CORP\\other-user] FROM WINDOWS',
    'USE Music',
    'CREATE USER [CORP\\other-user] FOR LOGIN [CORP\\other-user]',
  );
  const caches = [
    await site.kinit('one', { service: site.spn }),
    await site.kinit('other', { service: site.spn, user: { name: 'other-user', password } }),
  ];
  authentications = caches.map((ccache) => ({ type: 'kerberos', options: { spn: site.spn, ccache } }));
  options = {
    ...{ port: server.port, database: 'Music', encrypt: true, trustServerCertificate: false },
    ...{ serverName: tlsName, cryptoCredentialsDetails: { ca: server.ca } },
  };
});
afterAll(async () => {
  await server?.stop();
  await site?.dispose();
});
const pool = { min: 0, max: 2, acquireTimeoutMillis: 3000 };

const libraries: Record<string, (authentication: tedious.KerberosAuthentication) => Promise<TwoConnections>> =
  {
    async mssql(authentication) {
      const made = new mssql.ConnectionPool({ server: site.address, authentication, options, pool } as never);
      await made.connect();
      return {
        login: async () => (await made.request().query(who)).recordset[0].login,
        async hold() {
          const transaction = made.transaction();
          await transaction.begin(mssql.ISOLATION_LEVEL.SERIALIZABLE);
          expect((await transaction.request().query('SELECT 1 AS one')).recordset).toEqual([{ one: 1 }]);
          return () => transaction.rollback();
        },
        close: () => made.close(),
      };
    },
    async Kysely(authentication) {
      const db = new Kysely<unknown>({
        dialect: new MssqlDialect({
          tarn: { ...tarn, options: pool },
          tedious: {
            ...tedious,
            connectionFactory: () =>
              new tedious.Connection({ server: site.address, authentication, options }),
          },
        }),
      });
      return {
        login: async () =>
          (await sql.raw<{ login: string }>(who).execute(db)).rows.map(({ login }) => login).join(),
        async hold() {
          const transaction = await db.startTransaction().setIsolationLevel('serializable').execute();
          await sql.raw('SELECT 1').execute(transaction);
          return () => transaction.rollback().execute();
        },
        close: () => db.destroy(),
      };
    },
    async Knex(authentication) {
      class Client extends MssqlClient {
        _driver() {
          return tedious.tediousWith(authentication.options ?? {});
        }
      }
      const db = knex({
        client: Client as never,
        connection: { type: 'kerberos', server: site.address, ...options, options } as never,
        pool: { min: 0, max: 2 },
        acquireConnectionTimeout: 3000,
        log: { warn() {}, error() {} },
      });
      return {
        login: async () => (await db.raw(who))[0].login,
        async hold() {
          const transaction = await db.transaction({ isolationLevel: 'serializable' });
          await transaction.raw('SELECT 1');
          return () => transaction.rollback();
        },
        close: () => db.destroy(),
      };
    },
    async Sequelize(authentication) {
      const db = new Sequelize({
        ...{ dialect: 'mssql', dialectModule: tedious, logging: false, databaseVersion: '15.0.0' },
        ...{ host: site.address, port: server.port, database: 'Music' },
        pool: { min: 0, max: 2, acquire: 3000 },
        dialectOptions: { authentication, options },
      });
      const isolationLevel = Transaction.ISOLATION_LEVELS.SERIALIZABLE;
      return {
        login: async () =>
          (await db.query<{ login: string }>(who, { type: QueryTypes.SELECT }))
            .map(({ login }) => login)
            .join(),
        async hold() {
          const transaction = await db.transaction({ isolationLevel });
          await db.query('SELECT 1', { transaction });
          return () => transaction.rollback();
        },
        close: () => db.close(),
      };
    },
    async TypeORM(authentication) {
      const db = new DataSource({
        ...{ type: 'mssql', host: site.address, port: server.port, database: 'Music' },
        ...{ authentication: authentication as never, options: options as never, pool: pool as never },
      });
      await db.initialize();
      return {
        login: async () => (await db.query(who))[0].login,
        async hold() {
          const runner = db.createQueryRunner();
          await runner.startTransaction('SERIALIZABLE');
          await runner.query('SELECT 1');
          return async () => {
            await runner.rollbackTransaction();
            await runner.release();
          };
        },
        close: () => db.destroy(),
      };
    },
  };

test.each(Object.entries(libraries))(
  '%s: of two pools for two users in one process, an exhausted one reports it, does not affect the other, and recovers',
  async (_, open) => {
    const pools = await Promise.all(authentications.map(open));
    const [one, other] = pools as [TwoConnections, TwoConnections];
    try {
      const logins = await Promise.all([one, other, one, other].map((each) => each.login()));
      expect(logins).toEqual(['CORP\\db-user', 'CORP\\other-user', 'CORP\\db-user', 'CORP\\other-user']);
      const held = [await one.hold(), await one.hold()];
      await expect(one.login()).rejects.toThrow(/time(d )?out/i);
      expect(await other.login()).toBe('CORP\\other-user');
      for (const giveBack of held) await giveBack();
      expect(await Promise.all([one, one, one].map((each) => each.login()))).toEqual(
        Array.from({ length: 3 }, () => 'CORP\\db-user'),
      );
    } finally {
      await Promise.all(pools.map((each) => each.close()));
    }
  },
);
