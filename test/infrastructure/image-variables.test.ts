import { readFileSync } from 'node:fs';
import {
  doctorEnvironmentSchema,
  serviceEnvironmentSchema,
  sidecarEnvironmentSchema,
  webEnvironmentSchema,
} from '@packages/contracts';
import { expect, test } from 'vitest';
import { ownVariables } from '../../lib/config/services.ts';

const told = new Set(
  [doctorEnvironmentSchema, serviceEnvironmentSchema, sidecarEnvironmentSchema, webEnvironmentSchema].flatMap(
    ({ shape }) => Object.keys(shape),
  ),
);

test.each(['services/Dockerfile', 'services/sidecar/Dockerfile'])(
  '%s sets no variable of a task definition, which may use an alternative variable instead',
  (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').replaceAll(/\\\n/g, ' ');
    const set = [...text.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) =>
      [...line.matchAll(/(\w+)=/g)].map(([, name = '']) => name),
    );
    expect(set).toContain('PATH');
    expect(set.filter((name) => told.has(name))).toEqual([]);
  },
);

test('the variables that configure SQL Server are reserved and cannot be set for a service', () => {
  const ofSqlServer = Object.keys(serviceEnvironmentSchema.shape).filter((name) => name.startsWith('SQL_'));
  expect(ownVariables).toEqual(expect.arrayContaining(ofSqlServer));
});
