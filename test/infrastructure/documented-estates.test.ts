import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadDeployment } from '../../lib/config/index.ts';
import { stackParts } from '../../lib/config/stack-names.ts';
import { companyAuthority } from './example-deployment.ts';
import { synthesize } from './synthesize.ts';

const document = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');

/** The blocks that are complete deployments, with the company's certificates replaced by those in this repository. */
const examples = [...document.matchAll(/^```json\n(\{\n.*?)^```$/gms)]
  .map(([, block = '']) => block.replace('certificates/company-root-ca.pem', companyAuthority))
  .map((block) => JSON.parse(block));

const kindsOf = (input: { environments: Record<string, { type?: string } | undefined>[] }) =>
  ['network', 'directory', 'database'].map((key) => input.environments[0]?.[key]?.type ?? 'new').join(', ');

describe('docs/deploy.md has a worked example for each kind of infrastructure', () => {
  test('everything new, RDS and Managed AD in a shared VPC, on-premises', () => {
    expect(examples.map(kindsOf)).toEqual([
      'new, new, new',
      'existing, managed, existing',
      'existing, self-managed, existing',
    ]);
  });

  test.each(examples.map((input) => [kindsOf(input), input]))(
    '%s: is accepted and synthesizes',
    (_, input) => {
      const { templates } = synthesize(loadDeployment(input));
      const parts = [...templates.keys()].map((name) => name.split('-').slice(2).join('-'));
      expect(parts).toEqual(
        expect.arrayContaining(['network', 'directory', 'domain', 'database', 'service']),
      );
      // Each has its counterpart in the rehearsal, and so do other services.
      const rehearsed = parts.filter((part) => part !== '' && !part.startsWith('service-'));
      expect(stackParts).toEqual(expect.arrayContaining(rehearsed));
    },
  );

  test('one of them has a worker on entirely existing infrastructure', () => {
    const [, , onPremises] = examples;
    expect(onPremises.services.worker).toMatchObject({ kind: 'worker' });
    expect(onPremises.environments[0].services.worker.user.secretArn).toMatch(/^arn:/);
    const { templates } = synthesize(loadDeployment(onPremises));
    expect([...templates.keys()]).toContain('orders-production-service-worker');
  });

  test('a part that is shown alone is accepted, too', () => {
    const parts = [...document.matchAll(/^```json\n("\w+": .*?)^```$/gms)].map(([, block = '']) =>
      JSON.parse(`{${block.replace('certificates/company-root-ca.pem', companyAuthority)}}`),
    );
    expect(parts.map((part) => Object.keys(part))).toEqual([['database']]);
    const [, , onPremises] = examples;
    for (const part of parts) {
      const environments = [{ ...onPremises.environments[0], ...part }];
      expect(loadDeployment({ ...onPremises, environments }).environments[0]?.database).toMatchObject({
        type: 'existing',
      });
    }
  });

  test('a mistake in one of them is found', () => {
    for (const input of examples) {
      const slipped = JSON.parse(JSON.stringify(input).replace(/"allowedClients"/, '"clients"'));
      expect(() => loadDeployment(slipped)).toThrow('clients');
    }
  });
});
