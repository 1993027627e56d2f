import { describe, expect, test } from 'vitest';
import { exampleInput, existingDatabase } from '../../test/infrastructure/example-deployment.ts';
import { loadDeployment } from './index.ts';

type Input = typeof exampleInput;
type Place = (input: Input, roles: string[]) => void;

const script = { url: 'https://scripts.s3.eu-central-1.amazonaws.com/all.sql', sha256: '0'.repeat(64) };
const first = (input: Input) => input.environments[0] as Input['environments'][number];
const ownScripts: Readonly<Record<string, Place>> = {
  'environments[0].database.roles': (input, roles) => {
    first(input).database = { roles };
  },
  'services.worker.roles': (input, roles) => {
    input.services = { worker: { kind: 'worker', roles } };
  },
  'environments[0].services.worker.roles': (input, roles) => {
    input.services = { worker: { kind: 'worker' } };
    first(input).services = { worker: { roles } };
  },
};
const fixedOnly: Readonly<Record<string, Place>> = {
  ...ownScripts,
  'environments[0].database.userRoles': (input, userRoles) => {
    first(input).database = { userRoles };
  },
};
const byOthers: readonly Place[] = [
  (input, roles) => {
    first(input).database = { roles, script };
  },
  (input, roles) => {
    first(input).database = { ...existingDatabase, roles };
  },
];

function said(set: Place, roles: string[]): string {
  const input = structuredClone(exampleInput);
  set(input, roles);
  try {
    loadDeployment(input);
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
}

const sentence = (place: string, role: string, meant: string) =>
  `deployment.${place}[0] is "${role}": it must be a role that the database has, such as "${meant}", which has a similar name.`;

describe.each(Object.entries(fixedOnly))('%s', (place, set) => {
  test.each([
    ['db_datareder', 'db_datareader'],
    ['db_datawirter', 'db_datawriter'],
    ['db_dataowner', undefined],
    ['db_backupoperater', 'db_backupoperator'],
    ['db_denydatareder', 'db_denydatareader'],
    ['db_ownr', 'db_owner'],
    ['db_executor', undefined],
  ])('%s is meant for %s', (role, meant) => {
    expect(said(set, [role])).toBe(meant === undefined ? 'nothing' : sentence(place, role, meant));
  });
});

describe.each(Object.entries(ownScripts))('%s, by the scripts of the repository', (place, set) => {
  test.each([
    ['album_raeder', 'album_reader'],
    ['play_counters', 'play_counter'],
    ['Report_reader', 'report_reader'],
  ])('%s is meant for %s', (role, meant) => {
    expect(said(set, [role])).toBe(sentence(place, role, meant));
  });

  test.each(['album_reader', 'play_counter', 'report_reader', 'db_owner', 'publisher', 'reader'])(
    '%s is accepted',
    (role) => {
      expect(said(set, [role])).toBe('nothing');
    },
  );
});

test.each(['album_raeder', 'play_counters', 'reader'])(
  'in a database whose roles others create, %s may exist',
  (role) => {
    for (const set of byOthers) expect(said(set, [role])).toBe('nothing');
  },
);

test('even then, a misspelt fixed role is reported', () => {
  for (const set of byOthers) expect(said(set, ['db_datareder'])).toContain('"db_datareader"');
});
