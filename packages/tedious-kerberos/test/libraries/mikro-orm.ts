// @ts-expect-error: installed in the fresh project only
import { EntitySchema, MikroORM } from '@mikro-orm/mssql';
import { MssqlDialect } from 'kysely';
import * as tarn from 'tarn';
import * as tedious from 'tedious-kerberos/tedious';
import { type Library, RolledBack, useLibrary } from './use-library.ts';

const config = JSON.parse(process.env.CONNECTION ?? '');

const Album = new EntitySchema({
  name: 'Album',
  tableName: 'Album',
  properties: {
    Id: { type: 'int', primary: true, fieldName: 'Id' },
    Title: { type: 'string', fieldName: 'Title' },
  },
});

const orm = await MikroORM.init({
  ...{ dbName: 'Music', entities: [Album], allowGlobalContext: true },
  driverOptions: () =>
    new MssqlDialect({
      tarn: { ...tarn, options: { min: 0, max: 4 } },
      tedious: { ...tedious, connectionFactory: () => new tedious.Connection(config) },
    }),
});

const library: Library = {
  query: (text) => orm.em.getConnection().execute(text),
  transaction: (text, roll) =>
    orm.em.transactional(async (em: typeof orm.em) => {
      await em.execute(text);
      if (roll === 'back') throw new RolledBack();
    }),
  titlesOf: async (id) =>
    (await orm.em.fork().find(Album, { Id: id })).map(({ Title }: { Title: string }) => Title),
  stream: () => orm.em.fork().stream(Album, { where: { Id: { $gte: 1000 } }, orderBy: { Id: 'asc' } }),
};
await useLibrary(library, 11).finally(() => orm.close(true));
console.log('done');
