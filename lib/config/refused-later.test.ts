import { describe, expect, test } from 'vitest';
import { exampleInput, sentencesAbout } from '../../test/infrastructure/example-deployment.ts';
import type { DeploymentInput } from './index.ts';

/** The messages about the example after a change: a line for each wrong value. */
function said(change: (deployment: DeploymentInput) => void): string[] {
  const input = structuredClone(exampleInput);
  change(input);
  return sentencesAbout(input);
}

const first = ({ environments }: DeploymentInput) =>
  environments[0] as DeploymentInput['environments'][number];

describe('The name of a new directory', () => {
  const names = ['co--rp.example.com', 'xn--bcher-kva.example.com', 'corp.a--b', 'corp.a---b.example.com'];
  const withoutTwo =
    'it must be a name without two hyphens in a row, because AWS creates no directory with such a name';

  test.each(names)('%s is refused, once for all environments', (name) => {
    expect(said((deployment) => Object.assign(deployment.domain as object, { name }))).toEqual([
      `deployment.domain.name is "${name}": ${withoutTwo}.`,
    ]);
  });

  test.each(names)('%s is refused for one environment', (name) => {
    const given = { name, netbiosName: 'OWN' };
    expect(said((deployment) => Object.assign(first(deployment), { domain: given }))).toEqual([
      `deployment.environments[0].domain.name is "${name}": ${withoutTwo}.`,
    ]);
  });

  test('may be that of an existing directory, which AWS need not have created', () => {
    const domain = { name: 'xn--bcher-kva.example.com', netbiosName: 'OWN' };
    const directory = {
      type: 'self-managed',
      dnsAddresses: ['10.1.0.10'],
      resolver: 'create',
      join: {
        ou: 'OU=SQL,DC=corp,DC=example,DC=com',
        secretArn: 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/join-AbCdEf',
      },
    };
    const user = { secretArn: 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/user-AbCdEf' };
    expect(said((deployment) => Object.assign(first(deployment), { domain, directory, user }))).toEqual([]);
  });
});

test('a missing domain is reported once if no environment has one, else for the environment that lacks it', () => {
  expect(said((deployment) => delete deployment.domain)).toEqual([
    'deployment.domain is missing: it must be given, or a domain in each environment: that of the user that signs in.',
  ]);
  const alone = said((deployment) => {
    delete deployment.domain;
    first(deployment).domain = { name: 'corp.example.com' };
  });
  expect(alone).toEqual([expect.stringMatching(/^deployment\.environments\[1\]\.domain is missing: /)]);
});

test('no account has three zones in us-west-1', () => {
  const zonesOf = (...zones: string[]) =>
    said((deployment) => Object.assign(first(deployment), { region: 'us-west-1', network: { zones } }));
  expect(zonesOf('a', 'b', 'c')).toEqual([
    'deployment.environments[0].network.zones is ["a","b","c"]: it must be the two of the zones a, b, c that the account has in us-west-1.',
  ]);
  expect(zonesOf('a', 'c')).toEqual([]);
});

describe('An instance type', () => {
  const edition = 'standard';
  const ofType = (instanceType: string) =>
    said((deployment) => Object.assign(first(deployment), { database: { edition, instanceType } }));
  const start = (type: string) =>
    `deployment.environments[0].database.instanceType is "${type}": it must be `;

  test.each(['m6g.xlarge', 't4g.xlarge', 'r6gd.2xlarge', 'x2g.4xlarge', 'r8g.xlarge'])(
    'with Graviton, %s, has no SQL Server',
    (type) => {
      expect(ofType(type)).toEqual([
        `${start(type)}one with a processor of Intel or AMD: there is no SQL Server for Graviton.`,
      ]);
    },
  );

  test.each(['q9.huge', 'm5.big', 'm5.metal', 'm5.x-large', 'm5.xxlarge'])(
    'of an unknown size, %s, is refused',
    (type) => {
      expect(ofType(type)).toEqual([`${start(type)}an RDS instance type without "db.", such as "t3.small".`]);
    },
  );

  test.each(['m5.large', 'z1d.xlarge', 'x2iedn.32xlarge', 'r8a.2xlarge', 't3.2xlarge'])(
    '%s is accepted',
    (type) => {
      expect(ofType(type)).toEqual([]);
    },
  );
});

test.each(['HEAD', '@'])('the branch name %s is refused, as by git', (branch) => {
  expect(said((deployment) => Object.assign(deployment.source, { branch }))).toEqual([
    `deployment.source.branch is "${branch}": it must be a valid git branch name.`,
  ]);
});

test('a tag with an empty name is shown visibly', () => {
  expect(said((deployment) => Object.assign(deployment, { tags: { '': 'x' } }))).toEqual([
    expect.stringMatching(/^deployment\.tags\[""\] is "x": it must be a tag whose name has 1 to 128 /),
  ]);
});
