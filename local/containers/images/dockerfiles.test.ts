import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type ContainerName, containerNames, containers, sidecarFolders, userOf } from '@packages/contracts';
import { healthProgram } from 'cdk-kerberos-sidecar';
import { describe, expect, test } from 'vitest';
import { dockerfileOf, nodeDockerfiles } from './dockerfiles.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const makeRoot = read('services/image/make-root.sh');
/** The container that each Dockerfile's image is for; the shared Dockerfile counts as web's. */
const containerOf = new Map<string, ContainerName>(containerNames.map((name) => [dockerfileOf(name), name]));

/**
 * Finds references in a recipe to things that do not exist, which a container engine would report only after minutes.
 *
 * @returns a message for each problem
 */
function problems(recipe: string, service: string, root = makeRoot): string[] {
  const text = recipe.replaceAll(/\\\n\s*/g, ' ').replaceAll(/\$\{SERVICE\}/g, service);
  const copied = [...text.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)].map(([, from = '', to = '']) => ({
    from: from.split(' '),
    to,
  }));
  const stages = [...text.matchAll(/ AS (\w+)$/gm)].map(([, stage]) => stage);
  const taken = [...text.matchAll(/^COPY --from=(\w+) /gm)].map(([, stage]) => stage);
  const programs = [...text.matchAll(/\bnode ([\w/.-]+\.ts)/g)].map(([, path = '']) => path);
  const shell = [...text.matchAll(/\bsh (\/\S+)/g)].map(([, path = '']) => path);
  const folder = copied.find(({ from }) => from[0] === 'services/image/')?.to;
  const workdir = [...text.matchAll(/^WORKDIR (\S+)$/gm)].at(-1)?.[1];
  const command = (name: string) => new RegExp(`\\b${name} (?:CMD )?(\\[.*\\])$`, 'm').exec(text)?.[1];
  const health = command('HEALTHCHECK .*');
  const user = userOf(containerNames.find((name) => name === service) ?? 'web');
  const group = containers.web.user.gid;
  const expected: [holds: boolean, problem: string][] = [
    ...copied.flatMap(({ from }) =>
      from.map((path): [boolean, string] => [existsSync(path), `COPY takes ${path}, which does not exist`]),
    ),
    ...taken.map((stage): [boolean, string] => [stages.includes(stage), `there is no stage ${stage}`]),
    ...programs.map((path): [boolean, string] => [existsSync(path), `there is no program ${path}`]),
    ...shell.map((path): [boolean, string] => [
      path === `${folder}${basename(path)}` && existsSync(`services/image/${basename(path)}`),
      `there is no script ${path}`,
    ]),
    [new RegExp(`/out${workdir}\\s`).test(text), `nothing is built for ${workdir}`],
    [command('ENTRYPOINT') === '["node", "main.mjs"]', 'it does not start main.mjs'],
    [
      health === undefined ||
        JSON.stringify(['CMD', ...JSON.parse(health)]) === JSON.stringify(healthProgram.command),
      'its health command is not that of the task definition',
    ],
    [/^STOPSIGNAL SIGTERM$/m.test(text), 'programs stop on SIGTERM'],
    [text.includes(`\nUSER ${user}\n`), `it does not run as ${user}`],
    [
      service !== 'sidecar' || text.includes(`-m 700 /root-file-system${sidecarFolders.private} `),
      `nothing creates ${sidecarFolders.private}`,
    ],
    [
      root.includes(`chown ${userOf('sidecar')} "$root${sidecarFolders.shared}"`),
      'the sidecar does not own the shared folder',
    ],
    [
      root.includes(`chmod 2750 "$root${sidecarFolders.shared}"`),
      'users outside its group can read the shared folder',
    ],
    ...(['web', 'sidecar'] as const).map((name): [boolean, string] => [
      root.includes(`'${name}:x:${userOf(name)}::`),
      `${name} is not a user in /etc/passwd`,
    ]),
    [root.includes(`'web:x:${group}:'`), 'the group has no name'],
  ];
  return expected.filter(([holds]) => !holds).map(([, problem]) => problem);
}

const serviceOf = (path: string) => containerOf.get(path) ?? basename(path.replace('/Dockerfile', ''));

test.each(nodeDockerfiles())('%s refers only to things that exist', (path) => {
  expect(problems(read(path), serviceOf(path))).toEqual([]);
});

describe('A mistake is detected:', () => {
  const slips: [from: string, to: string][] = [
    ['COPY tsconfig.json', 'COPY tsconfig.jsn'],
    ['COPY packages/service packages/', 'COPY packages/services packages/'],
    ['COPY services/image/ /image/', 'COPY services/images/ /image/'],
    ['COPY services/image/ /image/', 'COPY services/image/ /images/'],
    ['COPY --from=build', 'COPY --from=built'],
    ['image/certificate-authorities.ts', 'image/authorities.ts'],
    ['sh /image/check-root.sh', 'sh /image/check.sh'],
    ['/out/app', '/out/apps'],
    ['WORKDIR /app', 'WORKDIR /apps'],
    ['"main.mjs"', '"index.mjs"'],
    ['ENTRYPOINT ["node"', 'ENTRYPOINT ["nodejs"'],
    ['STOPSIGNAL SIGTERM', 'STOPSIGNAL SIGINT'],
    ['\nUSER 100', '\nUSER 200'],
    ['"health.mjs"', '"healthy.mjs"'],
    ['/run/ticket-sidecar \\', '/run/sidecar \\'],
  ];
  test.each(slips)('%j: %j', (from, to) => {
    const having = nodeDockerfiles().filter((path) => read(path).includes(from));
    expect(having.length).toBeGreaterThan(0);
    for (const path of having) {
      expect(problems(read(path).replace(from, to), serviceOf(path)), path).not.toEqual([]);
    }
  });

  test.each([
    ['chown 1001:1002', 'chown 1002:1002'],
    ['chmod 2750', 'chmod 2755'],
    ["'sidecar:x:1001:", "'sidecar:x:1003:"],
    ["'web:x:1002:1002", "'web:x:1003:1002"],
    ["'web:x:1002:'", "'web:x:1003:'"],
  ])('make-root.sh: %j', (from, to) => {
    expect(makeRoot).toContain(from);
    expect(problems(read('services/sidecar/Dockerfile'), 'sidecar', makeRoot.replace(from, to))).not.toEqual(
      [],
    );
  });
});
