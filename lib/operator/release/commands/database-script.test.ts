import { databaseCheck } from '@packages/contracts';
import { expect, test } from 'vitest';
import {
  exampleDeployment,
  exampleServices,
  existingDatabase,
  existingDeployment,
} from '../../../../test/infrastructure/example-deployment.ts';
import type { ReleaseContext } from '../context.ts';
import { printDatabaseScript } from './database-script.ts';

function printed(deployment = existingDeployment(), environment = 'production', json = false): string {
  const lines: string[] = [];
  const context = { deployment, json, print: (line: string) => lines.push(line) };
  printDatabaseScript(context as unknown as ReleaseContext, environment);
  return lines.join('\n');
}

test("the script gives the environment's user access to its database, and ends with the check", () => {
  const script = printed();
  expect(script).toContain('USE [Music];');
  expect(script).toContain('CREATE LOGIN [CORP\\svc-music] FROM WINDOWS');
  const roles = ['db_datareader'];
  expect(script).toContain(databaseCheck({ database: 'Music', login: 'CORP\\svc-music', roles }));
  expect(JSON.parse(printed(existingDeployment(), 'production', true))).toMatchObject({
    host: 'sql01.corp.example.com',
    database: 'Music',
    login: 'CORP\\svc-music',
    script,
  });
});

test('it gives each further service access with only its own roles, one after the other', () => {
  const deployment = exampleDeployment((input) => {
    input.services = exampleServices;
    const [, production] = input.environments;
    if (production) production.database = existingDatabase;
  });
  const script = printed(deployment);
  const checks = [
    databaseCheck({ database: 'Music', login: 'CORP\\db-user', roles: ['db_datareader'] }),
    databaseCheck({ database: 'Music', login: 'CORP\\worker-user', roles: ['play_counter'] }),
    databaseCheck({ database: 'Music', login: 'CORP\\job-user', roles: ['report_reader'] }),
  ];
  const positions = checks.map((check) => script.indexOf(check));
  expect(positions).toEqual(positions.toSorted((one, other) => one - other));
  expect(positions).not.toContain(-1);
  const [, ofWorker = '', ofJob = ''] = script.split(/^-- Lets .* into the database/m).slice(1);
  expect(ofWorker).toContain('ALTER ROLE [play_counter] ADD MEMBER [CORP\\worker-user]');
  expect(ofJob).toContain('ALTER ROLE [report_reader] ADD MEMBER [CORP\\job-user]');
  for (const own of [ofWorker, ofJob]) expect(own).not.toContain('db_datareader');
  expect(JSON.parse(printed(deployment, 'production', true))).toMatchObject({
    script,
    services: [
      { service: 'worker', login: 'CORP\\worker-user', roles: ['play_counter'], check: checks[1] },
      { service: 'job', login: 'CORP\\job-user', roles: ['report_reader'], check: checks[2] },
    ],
  });
});

test('a user with configured roles gets these, and not the right to read everything', () => {
  const deployment = existingDeployment();
  const environments = deployment.environments.map((environment) => ({
    ...environment,
    database: { ...environment.database, userRoles: [], roles: ['album_reader'] },
  }));
  const script = printed({ ...deployment, environments });
  expect(script).toContain('ALTER ROLE [album_reader] ADD MEMBER [CORP\\svc-music]');
  expect(script).not.toContain('db_datareader');
});

test.each([
  ['of ours', exampleDeployment(), 'staging'],
  ['with an administrator', existingDeployment(), 'staging'],
])('there is none for a database %s', (_, deployment, environment) => {
  expect(() => printed(deployment, environment)).toThrow(
    'The database of staging is provisioned by its stack; a script is for an existing one',
  );
});
