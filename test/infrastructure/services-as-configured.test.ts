import { expect, test } from 'vitest';
import { exampleServices } from './example-deployment.ts';
import { exampleDeployment, synthesize } from './synthesize.ts';
import { all, list } from './template.ts';

/** The services, configured with non-default values in the first environment. */
const { templates } = synthesize(
  exampleDeployment((input) => {
    input.services = exampleServices;
    const [staging] = input.environments;
    if (!staging) throw new Error('The example has environments.');
    staging.services = {
      worker: { tasks: 3 },
      job: { schedule: 'rate(90 minutes)', timeZone: 'Asia/Tokyo', retries: 4, timeoutMinutes: 7 },
    };
  }),
);

function stackOf(environment: string, service: string) {
  const template = templates.get(`windows-auth-${environment}-service-${service}`);
  if (!template) throw new Error(`There is no stack of ${service} in ${environment}.`);
  return template;
}

test.each([
  ['staging', 3],
  ['production', 1],
])('a worker in %s has the configured number of tasks: %i', (environment, tasks) => {
  expect(all(stackOf(environment, 'worker'), 'AWS::ECS::Service')).toMatchObject([{ DesiredCount: tasks }]);
});

test.each([
  ['staging', 'rate(90 minutes)', 'Asia/Tokyo', 4, 420],
  ['production', 'cron(0 3 * * ? *)', 'Europe/Berlin', 2, 3600],
])('a job in %s runs with the configured schedule, timeout and retries', (environment, ...said) => {
  const template = stackOf(environment, 'job');
  const [schedule] = all(template, 'AWS::Scheduler::Schedule');
  const [machine] = all(template, 'AWS::StepFunctions::StateMachine');
  const { States } = JSON.parse(
    list(machine.DefinitionString['Fn::Join'][1])
      .map((part) => (typeof part === 'string' ? part : 'x'))
      .join(''),
  );
  const [run] = Object.values(States) as { TimeoutSeconds: number; Retry: { MaxAttempts: number }[] }[];
  expect([
    schedule.ScheduleExpression,
    schedule.ScheduleExpressionTimezone,
    run?.Retry.map(({ MaxAttempts }) => MaxAttempts).at(-1),
    run?.TimeoutSeconds,
  ]).toEqual(said);
});

test('a job may pass the roles of its task only to ECS, also according to its own policy', () => {
  const statements = all(stackOf('staging', 'job'), 'AWS::IAM::Role')
    .flatMap(({ Policies }) => list(Policies))
    .flatMap(({ PolicyDocument }) => list(PolicyDocument.Statement))
    .filter(({ Action }) => list(Action).includes('iam:PassRole'));
  expect(statements).toHaveLength(1);
  expect(statements[0].Condition).toEqual({
    StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
  });
});
