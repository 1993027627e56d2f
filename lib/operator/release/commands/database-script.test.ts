import { databaseCheck } from '@packages/contracts';
import { expect, test } from 'vitest';
import { exampleDeployment, existingDeployment } from '../../../../test/infrastructure/example-deployment.ts';
import type { ReleaseContext } from '../context.ts';
import { printDatabaseScript } from './database-script.ts';

function printed(deployment = existingDeployment(), environment = 'production', json = false): string {
  const lines: string[] = [];
  const context = { deployment, json, print: (line: string) => lines.push(line) };
  printDatabaseScript(context as unknown as ReleaseContext, environment);
  return lines.join('\n');
}

test('the script lets the user of the environment into its database, and ends with the check', () => {
  const script = printed();
  expect(script).toContain('USE [Music];');
  expect(script).toContain('CREATE LOGIN [CORP\\svc-music] FROM WINDOWS');
  expect(script).toContain(databaseCheck({ database: 'Music', login: 'CORP\\svc-music' }));
  expect(JSON.parse(printed(existingDeployment(), 'production', true))).toMatchObject({
    host: 'sql01.corp.example.com',
    database: 'Music',
    login: 'CORP\\svc-music',
    script,
  });
});

test.each([
  ['of ours', exampleDeployment(), 'staging'],
  ['with an administrator', existingDeployment(), 'staging'],
])('there is none for a database %s', (_, deployment, environment) => {
  expect(() => printed(deployment, environment)).toThrow(
    'The database of staging is provisioned by its stack; a script is for one that is there',
  );
});
