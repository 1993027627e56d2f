import '../src/register.ts'; // before mssql
import knex, { type Knex } from 'knex';
// @ts-expect-error: it has no types
import MssqlClient from 'knex/lib/dialects/mssql/index.js';
import { Kysely, MssqlDialect, sql } from 'kysely';
// @ts-expect-error: it has no types of its own
import mssql from 'mssql';
import { QueryTypes, Sequelize } from 'sequelize';
import * as tarn from 'tarn';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SqlServerProcess, tlsName } from '../../../local/testing/sql-server.ts';
import * as tedious from '../src/tedious.ts';
import { type KerberosSite, startKerberosSite } from './domain/kerberos-site.ts';
import { startMusicServer } from './domain/music-server.ts';
import { type Library, RolledBack, statements, useLibrary } from './libraries/use-library.ts';

let site: KerberosSite;
let server: SqlServerProcess;
let authentication: tedious.KerberosAuthentication;
let options: tedious.ConnectionOptions;
beforeAll(async () => {
  site = await startKerberosSite();
  server = await startMusicServer(site, ...statements);
  const ccache = await site.kinit('service', { service: site.spn });
  authentication = { type: 'kerberos', options: { spn: site.spn, ccache } };
  options = {
    ...{ port: server.port, database: 'Music', encrypt: true, trustServerCertificate: false },
    ...{ serverName: tlsName, cryptoCredentialsDetails: { ca: server.ca } },
  };
});
afterAll(async () => {
  await server?.stop();
  await site?.dispose();
});

test('tedious itself', async () => {
  const run = <T>(connection: InstanceType<typeof tedious.Connection>, text: string): Promise<T[]> =>
    new Promise((resolve, reject) => {
      const rows: T[] = [];
      const request = new tedious.Request(text, (error) => (error ? reject(error) : resolve(rows)));
      request.on('row', (columns: { value: T }[]) => rows.push(...columns.map(({ value }) => value)));
      connection.execSql(request);
    });
  const connection = await new Promise<InstanceType<typeof tedious.Connection>>((resolve, reject) => {
    const made = tedious.connect({ server: site.address, authentication, options }, (error) =>
      error ? reject(error) : resolve(made),
    );
  });
  expect(await run(connection, 'SELECT SUSER_SNAME()')).toEqual(['CORP\\db-user']);
  connection.close();
});

test('Kysely', async () => {
  const db = new Kysely<{ Album: { Id: number; Title: string } }>({
    dialect: new MssqlDialect({
      tarn: { ...tarn, options: { min: 0, max: 4 } },
      tedious: {
        ...tedious,
        connectionFactory: () => new tedious.Connection({ server: site.address, authentication, options }),
      },
    }),
  });
  const library: Library = {
    query: async (text) => (await sql.raw<Record<string, unknown>>(text).execute(db)).rows,
    transaction: (text, roll) =>
      db.transaction().execute(async (transaction) => {
        await sql.raw(text).execute(transaction);
        if (roll === 'back') throw new RolledBack();
      }),
    titlesOf: async (id) =>
      (await db.selectFrom('Album').select('Title').where('Id', '=', id).execute()).map(({ Title }) => Title),
    stream: () => db.selectFrom('Album').selectAll().where('Id', '>=', 1000).orderBy('Id').stream(),
  };
  await useLibrary(library, 1).finally(() => db.destroy());
});

test('Knex', async () => {
  class Client extends MssqlClient {
    _driver() {
      return tedious.tediousWith(authentication.options ?? {});
    }
  }
  const connection = { type: 'kerberos', server: site.address, ...options, options };
  const db: Knex = knex({
    client: Client as never,
    connection: connection as never,
    pool: { min: 0, max: 4 },
  });
  const library: Library = {
    query: async (text) => await db.raw(text),
    transaction: (text, roll) =>
      db.transaction(async (transaction) => {
        await transaction.raw(text);
        if (roll === 'back') throw new RolledBack();
      }),
    titlesOf: async (id) => await db('Album').where({ Id: id }).pluck('Title'),
    stream: (text) => db.raw(text).stream(),
    streamsToTheEnd: true, // it gives a connection back that is still busy, and then waits for it for good
  };
  await useLibrary(library, 2).finally(() => db.destroy());
});

test('mssql', async () => {
  const pool = new mssql.ConnectionPool({
    ...{ server: site.address, authentication: authentication as never, options: options as never },
    pool: { min: 0, max: 4 },
  });
  await pool.connect();
  const library: Library = {
    query: async (text) => (await pool.request().query(text)).recordset,
    async transaction(text, roll) {
      const transaction = pool.transaction();
      await transaction.begin();
      await transaction.request().query(text);
      if (roll === 'commit') return await transaction.commit();
      await transaction.rollback();
      throw new RolledBack();
    },
    async titlesOf(id) {
      const request = pool.request().input('id', mssql.Int, id);
      const { recordset } = await request.query('SELECT Title FROM Album WHERE Id = @id');
      return recordset.map(({ Title }: { Title: string }) => Title);
    },
    stream(text) {
      const request = pool.request();
      const rows = request.toReadableStream();
      request.query(text);
      return rows;
    },
  };
  await useLibrary(library, 3).finally(() => pool.close());
});

test('Sequelize', async () => {
  const db = new Sequelize({
    ...{ dialect: 'mssql', dialectModule: tedious, logging: false, databaseVersion: '15.0.0' },
    ...{ host: site.address, port: server.port, database: 'Music', pool: { min: 0, max: 4 } },
    dialectOptions: { authentication, options },
  });
  const library: Library = {
    query: (text) => db.query(text, { type: QueryTypes.SELECT }),
    transaction: (text, roll) =>
      db.transaction(async (transaction) => {
        await db.query(text, { transaction });
        if (roll === 'back') throw new RolledBack();
      }),
    async titlesOf(id) {
      const text = 'SELECT Title FROM Album WHERE Id = :id';
      const rows = await db.query<{ Title: string }>(text, { type: QueryTypes.SELECT, replacements: { id } });
      return rows.map(({ Title }) => Title);
    },
  };
  await useLibrary(library, 4).finally(() => db.close());
});

test('TypeORM', async () => {
  const db = new DataSource({
    ...{ type: 'mssql', host: site.address, port: server.port, database: 'Music' },
    ...{ authentication: authentication as never, options: options as never, pool: { min: 0, max: 4 } },
  });
  await db.initialize();
  const library: Library = {
    query: (text) => db.query(text),
    transaction: (text, roll) =>
      db.transaction(async (manager) => {
        await manager.query(text);
        if (roll === 'back') throw new RolledBack();
      }),
    async titlesOf(id) {
      const rows = await db.query('SELECT Title FROM Album WHERE Id = @0', [id]);
      return rows.map(({ Title }: { Title: string }) => Title);
    },
    async *stream(text) {
      const runner = db.createQueryRunner();
      try {
        yield* await runner.stream(text);
      } finally {
        await runner.release();
      }
    },
  };
  await useLibrary(library, 5).finally(() => db.destroy());
});
