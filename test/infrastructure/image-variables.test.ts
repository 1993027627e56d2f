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
  '%s sets nothing that a task definition tells: it may tell another variable in its place',
  (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').replaceAll(/\\\n/g, ' ');
    const set = [...text.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) =>
      [...line.matchAll(/(\w+)=/g)].map(([, name = '']) => name),
    );
    expect(set).toContain('PATH');
    expect(set.filter((name) => told.has(name))).toEqual([]);
  },
);

test('no variable of a service is called as one by which SQL Server is told', () => {
  const ofSqlServer = Object.keys(serviceEnvironmentSchema.shape).filter((name) => name.startsWith('SQL_'));
  expect(ownVariables).toEqual(expect.arrayContaining(ofSqlServer));
});
