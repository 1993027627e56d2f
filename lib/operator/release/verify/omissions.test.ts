import { expect, test } from 'vitest';
import { exampleDeployment } from '../../../../test/infrastructure/example-deployment.ts';
import { type Bundle, makeBundle } from './bundle.ts';
import { omissions } from './omissions.ts';

const uri = `444444444444.dkr.ecr.eu-central-1.amazonaws.com/team/reports@sha256:${'e'.repeat(64)}`;
const deployment = exampleDeployment((input) => {
  input.services = { worker: { kind: 'worker' }, reports: { kind: 'worker', image: { uri } } };
});
const image = (name: string, digit: string) => ({
  name: `windows-auth/${name}`,
  digest: `sha256:${digit.repeat(64)}`,
});
const [web, sidecar, older, worker] = [
  image('web', '1'),
  image('sidecar', '2'),
  image('sidecar', '3'),
  image('worker', '4'),
];
const service = 'windows-auth-production-service';

type Image = ReturnType<typeof image>;
const task = (stack: string, family: string, ...images: (Image | string)[]) => ({
  stack,
  family: `windows-auth-production-${family}`,
  images: images.map((each) => (typeof each === 'string' ? each : `${each.name}@${each.digest}`)),
});
const approval = (stage: string) => ({ stage, status: 'Succeeded', by: 'alice', at: '', comment: '' });

/** What is known while the worker still runs an earlier sidecar. */
const whole: Bundle = makeBundle({
  environment: 'production',
  savedAt: '2026-01-01T00:00:00.000Z',
  pipeline: 'windows-auth',
  execution: { id: 'e-1', revision: 'c', title: 'The commit' },
  images: [web, sidecar, older, worker],
  tasks: [
    task(service, 'web', web, sidecar),
    task(service, 'web-doctor', sidecar),
    task(`${service}-worker`, 'worker', worker, older),
    task(`${service}-worker`, 'worker-doctor', older),
    task(`${service}-reports`, 'reports', `team/reports@sha256:${'e'.repeat(64)}`, sidecar),
    task(`${service}-reports`, 'reports-doctor', sidecar),
  ],
  approvals: [
    ...['Pipeline-approval', 'production-network-directory-approval'].map(approval),
    ...['production-database-approval', 'production-service-approval'].map(approval),
  ],
});

function missing(change: (bundle: Bundle) => Partial<Bundle>): string[] {
  const environment = deployment.environments.find(({ name }) => name === 'production');
  if (!environment) throw new Error('The example has a production.');
  return omissions(deployment, environment, { ...whole, ...change(whole) });
}

test('nothing is missing in a complete bundle', () => expect(missing(() => ({}))).toEqual([]));

test.each(whole.images)(
  'a missing image $name@$digest is reported, even if another version of it is present',
  ({ name, digest }) => {
    expect(missing(({ images }) => ({ images: images.filter((each) => each.digest !== digest) }))).toEqual(
      whole.tasks
        .filter(({ images }) => images.includes(`${name}@${digest}`))
        .map(({ family }) => `${family} runs ${name}@${digest}, about which nothing is recorded.`),
    );
  },
);

test.each(whole.tasks)('a missing task definition $family is reported', ({ family, stack }) => {
  const found = missing(({ tasks }) => ({ tasks: tasks.filter((each) => each.family !== family) }));
  expect(found).toContain(`Nothing is recorded about the task definition ${family} of ${stack}.`);
});

test.each([...new Set(whole.tasks.map(({ stack }) => stack))])('a missing stack %s is reported', (stack) => {
  const found = missing(({ tasks }) => ({ tasks: tasks.filter((each) => each.stack !== stack) }));
  expect(found).toContainEqual(
    expect.stringMatching(new RegExp(`the stack ${stack} is not there yet, or was left out\\.$`)),
  );
});

test.each(whole.tasks.flatMap(({ family, images }) => images.map((each) => [each, family] as const)))(
  'a missing image %s of %s is reported',
  (left, family) => {
    const found = missing(({ tasks }) => ({
      tasks: tasks.map((each) =>
        each.family === family ? { ...each, images: each.images.filter((one) => one !== left) } : each,
      ),
    }));
    const name = left.startsWith('team/') ? left : left.split('@')[0];
    expect(found).toContain(`${family} does not run the image ${name}, which the configuration requires.`);
  },
);

test.each(whole.approvals)('a missing or negative approval of $stage is reported', ({ stage }) => {
  const sentence = `The configuration requires an approval in ${stage}, but none is recorded.`;
  expect(
    missing(({ approvals }) => ({ approvals: approvals.filter((each) => each.stage !== stage) })),
  ).toEqual([sentence]);
  expect(
    missing(({ approvals }) => ({
      approvals: approvals.map((each) => (each.stage === stage ? { ...each, status: 'Failed' } : each)),
    })),
  ).toEqual([sentence]);
});

test('an image that no task runs is reported', () => {
  const other = image('web', '9');
  expect(missing(({ images }) => ({ images: [...images, other] }))).toEqual([
    `${other.name}@${other.digest} is recorded, but no recorded task runs it.`,
  ]);
});
