// People who are woken up by an alarm or who approve a deployment rely on numbers in documents. These tests check that
// the numbers match the templates and programs.
import { readFileSync } from 'node:fs';
import { sidecarEnvironmentSchema } from '@packages/contracts';
import { describe, expect, test } from 'vitest';
import { largest, variant } from '../pipeline/variants.ts';
import { resources } from './template.ts';

interface Alarm {
  readonly AlarmDescription: string;
  readonly EvaluationPeriods: number;
  readonly Period?: number;
  readonly Threshold: number;
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Period: number } }[];
}

const runbook = readFileSync('docs/operate.md', 'utf8');
const section = ({ AlarmDescription }: Alarm) => AlarmDescription.split('#').at(-1) ?? '';
/** The text of an alarm, and the first sentence of its section in the runbook. */
const told = (alarm: Alarm): string[] => [
  alarm.AlarmDescription.split(' What to do: ')[0] ?? '',
  (runbook.split(`\n### ${section(alarm)}\n\n`)[1]?.split(/\.\s|\n\n/)[0] ?? '').replaceAll('\n', ' '),
];
const alarms = [...variant(largest).templates.values()].flatMap((template) =>
  resources(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties as Alarm),
);

const unit: Readonly<Record<string, number>> = {
  ...{ second: 1, seconds: 1, minute: 60, minutes: 60, hour: 3600, hours: 3600, day: 86_400, days: 86_400 },
  ...{ '%': 1, GiB: 1024 ** 3, tasks: 1 },
};
const amount = (number: string, of: string) =>
  (/^an?$/.test(number) ? 1 : Number(number)) * (unit[of] ?? Number.NaN);

/** Numbers in a text that differ from those of the alarm. */
function wrongNumbers(alarm: Alarm, sentence: string): string[] {
  const period =
    alarm.Period ?? alarm.Metrics?.map(({ MetricStat }) => MetricStat?.Period).find((value) => value) ?? 0;
  const expectation = (pattern: RegExp, value: number) =>
    [...sentence.matchAll(pattern)]
      .filter(([, number = '', of = '']) => amount(number, of) !== value)
      .map(([text]) => `${section(alarm)} says "${text}", and it is ${value}`);
  return [
    ...expectation(/\bfor (an?|\d+) (minutes?|hours?|days?)\b/g, period * alarm.EvaluationPeriods),
    ...expectation(
      /\b(?:above|[Ll]ess than|[Mm]ore than|[Ff]ewer than|longer than|by more than) (an?|\d+) (%|GiB|seconds?|minutes?|hours?|days?|tasks)/g,
      alarm.Threshold,
    ),
  ];
}

describe('An alarm', () => {
  test('states its own numbers, and so does its section of the runbook', () => {
    expect(alarms.length).toBeGreaterThan(20);
    expect(alarms.flatMap((alarm) => told(alarm).flatMap((text) => wrongNumbers(alarm, text)))).toEqual([]);
  });

  test('that states wrong numbers is found', () => {
    const found = (change: (alarm: Alarm) => Partial<Alarm>) =>
      new Set(
        alarms.flatMap((alarm) =>
          told(alarm).flatMap((text) =>
            wrongNumbers({ ...alarm, ...change(alarm) }, text).length > 0 ? [section(alarm)] : [],
          ),
        ),
      );
    const longer = found(({ EvaluationPeriods }) => ({ EvaluationPeriods: EvaluationPeriods + 1 }));
    expect(longer.size).toBeGreaterThanOrEqual(10);
    expect(longer).toContain('database-unreachable');
    expect(found(({ Threshold }) => ({ Threshold: Threshold + 1 })).size).toBeGreaterThanOrEqual(8);
  });
});

const words: Readonly<Record<string, number>> = { a: 1, an: 1, one: 1, two: 2, three: 3, five: 5 };
const decision = (name: string) => readFileSync(`docs/decisions/${name}.md`, 'utf8').replaceAll(/\s+/g, ' ');
const unreachable = alarms.find((alarm) => section(alarm) === 'database-unreachable');

test.each<[file: string, sentence: RegExp, value: number]>([
  [
    '075-one-stage-for-all-services',
    /`database-unreachable` goes off after (\w+) minutes/,
    ((unreachable?.Period ?? 0) * (unreachable?.EvaluationPeriods ?? 0)) / 60,
  ],
  [
    '031-signing-in-without-locking-out',
    /then (\w+) minute later \(`PASSWORD_RETRY_SECONDS`\)/,
    byDefault('PASSWORD_RETRY_SECONDS') / 60,
  ],
  [
    '031-signing-in-without-locking-out',
    /`SIGN_IN_SPREAD_SECONDS` \((\d+) by default/,
    byDefault('SIGN_IN_SPREAD_SECONDS'),
  ],
  [
    '031-signing-in-without-locking-out',
    /With the default of (\d+) one sidecar/,
    byDefault('PASSWORD_ATTEMPTS'),
  ],
  [
    '030-a-service-ticket-and-no-more',
    /every (\d+) seconds \(`TICKET_REFRESH_SECONDS`\)/,
    byDefault('TICKET_REFRESH_SECONDS'),
  ],
  [
    '056-the-doctor-is-a-task-of-the-service',
    /since the password was last accepted \((\d+) minutes\)/,
    byDefault('PASSWORD_ATTEMPTS_WINDOW') / 60,
  ],
])('Decision %s: %s', (file, sentence, value) => {
  const [, number = ''] = sentence.exec(decision(file)) ?? [];
  expect(words[number] ?? Number(number || Number.NaN)).toBe(value);
});

/** The sidecar's default. */
function byDefault(name: keyof (typeof sidecarEnvironmentSchema)['shape']): number {
  return Number(sidecarEnvironmentSchema.shape[name].parse(undefined));
}
