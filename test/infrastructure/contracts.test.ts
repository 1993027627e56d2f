import { globSync, readFileSync } from 'node:fs';
import {
  type ContainerName,
  containerNames,
  containers,
  rdsAuthoritiesFile,
  sidecarFolders,
  userOf,
  webPaths,
} from '@packages/contracts';
import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../lib/config/index.ts';
import { dockerfileOf } from '../../local/containers/images/dockerfiles.ts';
import { contractProblems } from './contract-problems.ts';
import { estates } from './estates.ts';
import { exampleServices } from './example-deployment.ts';
import { exampleDeployment, fullDeployment, synthesize } from './synthesize.ts';
import type { SynthesizedTemplate } from './template.ts';

const variants: Readonly<Record<string, () => Deployment>> = {
  'the example': () => exampleDeployment(),
  'everything switched on': fullDeployment,
  ...estates,
  'a script and roles of the user': () =>
    exampleDeployment(({ environments: [staging] }) => {
      if (!staging) return;
      staging.database = {
        userRoles: ['db_datawriter'],
        script: { url: 'https://scripts.s3.eu-central-1.amazonaws.com/all.sql', sha256: '0'.repeat(64) },
      };
      staging.service = { ticketMode: 'tgt' };
    }),
};

function environmentsOf(deployment: Deployment): SynthesizedTemplate[][] {
  const { templates } = synthesize(deployment);
  return deployment.environments.map(({ name }) =>
    [...templates]
      .filter(([stack]) => stack.startsWith(`${deployment.name}-${name}-`))
      .map(([, found]) => found),
  );
}

test.each(Object.entries(variants))('%s: programs read exactly what the templates write', (_, make) => {
  for (const templates of environmentsOf(make())) expect(contractProblems(templates)).toEqual([]);
});

test.each(containerNames)(
  'the image of %s sets the user that the task definition names',
  (name: ContainerName) => {
    const dockerfile = readFileSync(dockerfileOf(name), 'utf8');
    expect(dockerfile).toContain(`\nUSER ${userOf(name)}\n`);
    for (const [, uid, gid] of dockerfile.matchAll(/-o (\d+) -g (\d+)/g)) {
      expect({ uid: Number(uid), gid: Number(gid) }).toEqual(containers[name].user);
    }
  },
);

test.each(containerNames)(
  'the image of %s has the folders and certificate authorities that the task definition names',
  (name) => {
    const dockerfile = readFileSync(dockerfileOf(name), 'utf8');
    const [, volumes = ''] = dockerfile.match(/^VOLUME (.*)$/m) ?? [];
    const { shared, private: own } = sidecarFolders;
    expect(volumes.match(/\/[\w/-]+/g)).toEqual(name === 'sidecar' ? [shared, own] : [shared]);
    expect(dockerfile).toContain(` /out${rdsAuthoritiesFile}\n`);
    expect(readFileSync('services/image/make-root.sh', 'utf8')).toContain(`mkdir -p "$root${shared}"\n`);
  },
);

/** The test runs where the workspace's packages are missing, so its paths are literals. */
test('the integration test requests only existing paths of web', () => {
  const asked = globSync('test/integration/**/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:request\('|\$\{serviceUrl\})(\/[\w/-]*)/g)].map(
      ([, path]) => path,
    ),
  );
  const strange = asked.filter((path) => !/\/no-such/.test(path ?? ''));
  expect([...new Set(strange)].sort()).toEqual(
    expect.arrayContaining([webPaths.alive, webPaths.ready, webPaths.session]),
  );
  for (const path of strange) expect(Object.values(webPaths)).toContain(path);
});

test.each(Object.keys(exampleServices))('the image of %s also sets the user of web', (name) => {
  expect(readFileSync(dockerfileOf(name), 'utf8')).toContain(`\nUSER ${userOf('web')}\n`);
});

/**
 * Misspells each name that crosses a process boundary in a template, as a mistake in `lib/` would. Each must be
 * detected.
 */
describe('a mistake is found', () => {
  const names = (templates: readonly SynthesizedTemplate[]) => {
    const text = JSON.stringify(templates);
    const quoted = (pattern: RegExp) => [
      ...new Set([...text.matchAll(pattern)].map(([, name]) => name as string)),
    ];
    return {
      // A variable in the configuration of a service is only between that service and the configuration.
      variables: quoted(/\{"Name":"([A-Z][A-Z0-9_]+)","Value":(?!"Disable")/g).filter(
        (name) => name !== 'ROUND_SECONDS',
      ),
      injected: quoted(/\{"Name":"([A-Z][A-Z0-9_]+)","ValueFrom/g),
      metrics: quoted(/"MetricName":"(\w+)","Namespace":"TicketSidecar"/g),
    };
  };
  const [full = []] = environmentsOf(fullDeployment());
  const [example = []] = environmentsOf(exampleDeployment());
  const { variables, metrics } = names(full);
  const { injected } = names(example);

  test('there are names to try', () => {
    expect(variables.length).toBeGreaterThan(15);
    expect(injected).toEqual(['CREDENTIALS']);
    expect(metrics.length).toBeGreaterThan(3);
  });

  const slips: readonly (readonly [string, readonly SynthesizedTemplate[], RegExp, string])[] = [
    ...variables.map(
      (name) =>
        [
          `variable ${name}`,
          full,
          new RegExp(`"Name":"${name}","Value"`),
          `"Name":"${name}S","Value"`,
        ] as const,
    ),
    ...injected.map(
      (name) => [`secret ${name}`, example, new RegExp(`"Name":"${name}"`), `"Name":"${name}S"`] as const,
    ),
    ...metrics.map(
      (name) =>
        [`metric ${name}`, full, new RegExp(`"MetricName":"${name}"`), `"MetricName":"${name}s"`] as const,
    ),
    ...[
      'DirectoryId',
      'DomainName',
      'Username',
      'SecretArn',
      'Host',
      'Port',
      'Database',
      'AdminSecretArn',
      'Login',
      'ExtraRoles',
      'Owner',
      'Adopt',
      'PINNED',
      'DIRECTORY_ID',
      'DOMAIN_NAME',
      'DOMAIN_CONTROLLERS',
      'USER_SECRETS',
      'Roles',
      'TEST_PROJECT',
      'PINNED',
    ].map((name) => [`property ${name}`, full, new RegExp(`"${name}":`), `"${name.slice(0, -1)}":`] as const),
    ['namespace', full, /"Namespace":"TicketSidecar"/, '"Namespace":"TicketSideCar"'],
    ['dimension', full, /"Dimensions":\[\{"Name":"Service",/, '"Dimensions":[{"Name":"ServiceName",'],
    ['user of a container', full, /"User":"1001:1002"/, '"User":"1001:1001"'],
    ['folder', full, /"ContainerPath":"\/var\/scratch"/, '"ContainerPath":"/var/shared"'],
    [
      'source of the event',
      example,
      /"source":\["ecs-windows-authentication"\]/,
      '"source":["ecs-windows-auth"]',
    ],
    [
      'permission to send the event',
      example,
      /"events:source":"ecs-windows-authentication"/,
      '"events:source":"ecs"',
    ],
    ['type of the event', example, /Directory User Password Rotated/, 'Password Rotated'],
    ['detail of the event', example, /"detail":\{"secretArn"/, '"detail":{"secretId"'],
  ];
  // Patterns are replaced everywhere, because a name may first occur in an AWS resource.
  test.each(slips)('%s', (_, templates, right, wrong) => {
    const text = JSON.stringify(templates);
    const slipped = text.replaceAll(new RegExp(right, 'g'), () => wrong);
    expect(slipped === text).toBe(false);
    expect(contractProblems(JSON.parse(slipped))).not.toEqual([]);
  });
});
