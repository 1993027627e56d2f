import 'tedious-kerberos/register';
// @ts-expect-error: installed in the fresh project only
import { PrismaMssql } from '@prisma/adapter-mssql';
// @ts-expect-error: made by "prisma generate"
import { PrismaClient } from './generated/client.ts';
import { type Library, RolledBack, useLibrary } from './use-library.ts';

const config = JSON.parse(process.env.CONNECTION ?? '');
const prisma = new PrismaClient({ adapter: new PrismaMssql({ ...config, pool: { min: 0, max: 4 } }) });

const library: Library = {
  query: (text) => prisma.$queryRawUnsafe(text),
  transaction: (text, roll) =>
    prisma.$transaction(async (transaction: typeof prisma) => {
      await transaction.$executeRawUnsafe(text);
      if (roll === 'back') throw new RolledBack();
    }),
  titlesOf: async (id) =>
    (await prisma.album.findMany({ where: { Id: id } })).map(({ Title }: { Title: string }) => Title),
};
await useLibrary(library, 12).finally(() => prisma.$disconnect());
console.log('done');
