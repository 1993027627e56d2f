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

test('a function that is pinned to one set of roles serves no other', () => {
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
  'an extra role cannot be called %j, which would be pinned like a list of all roles',
  (role) => {
    const said = { ...properties, ExtraRoles: [role] };
    expect(sqlDatabasePropertiesSchema.safeParse(said).success).toBe(false);
    expect(sqlDatabasePropertiesSchema.safeParse({ ...said, ExtraRoles: ['a'] }).success).toBe(true);
  },
);

test('without `Roles`, the pin has the same form as before `Roles` existed', () => {
  expect(sqlDatabasePins({ ...properties, ExtraRoles: ['db_datawriter'] }).ExtraRoles).toBe('db_datawriter');
});
