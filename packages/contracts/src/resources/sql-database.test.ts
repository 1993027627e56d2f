import { expect, test } from 'vitest';
import { sqlDatabasePins, sqlDatabasePropertiesSchema } from './sql-database.ts';

const properties = {
  ...{
    Host: 'sql',
    Port: 1433,
    Database: 'Music',
    AdminSecretArn: 'arn',
    Login: 'CORP\\user',
    Owner: 'test',
  },
};

test('whose function it is for one set of roles, it is for no other', () => {
  const said = [
    {},
    { ExtraRoles: ['a'] },
    { ExtraRoles: ['a', 'b'] },
    { Roles: ['a'] },
    { Roles: ['a', 'b'] },
  ];
  const pins = said.map((roles) => JSON.stringify(sqlDatabasePins({ ...properties, ...roles })));
  expect(new Set(pins).size).toBe(said.length);
});

test.each([['=a'], ['']])(
  'a role besides cannot be called %j, which would be pinned as other roles are',
  (role) => {
    const said = { ...properties, ExtraRoles: [role] };
    expect(sqlDatabasePropertiesSchema.safeParse(said).success).toBe(false);
    expect(sqlDatabasePropertiesSchema.safeParse({ ...said, ExtraRoles: ['a'] }).success).toBe(true);
  },
);

test('without roles of its own, it is pinned as it was before there were such', () => {
  expect(sqlDatabasePins({ ...properties, ExtraRoles: ['db_datawriter'] }).ExtraRoles).toBe('db_datawriter');
});
