import { expect, test } from 'vitest';
import { recordsTaken } from './records.ts';

/** A stack's records by their logical ids. */
const stack = (names: Readonly<Record<string, string>>, HostedZoneId = 'Z0123456789ABC') => ({
  Resources: Object.fromEntries(
    Object.entries(names).map(([logicalId, Name]) => [
      logicalId,
      { Type: 'AWS::Route53::RecordSet', Properties: { Name: `${Name}.`, Type: 'A', HostedZoneId } },
    ]),
  ),
});
const of = (deployed: ReturnType<typeof stack> | undefined, synthesized: ReturnType<typeof stack>) => ({
  deployed,
  synthesized,
});
const [music, reports] = ['music.example.com', 'reports.example.com'];

test('a name that moves within a stack, or to a stack that is updated earlier, is reported', () => {
  const sentence = expect.stringMatching(
    /^The record reports\.example\.com belongs to another resource .* one delivery, .* next\.$/,
  );
  const within = of(stack({ Address: music, AddressReports: reports }), stack({ Address: reports }));
  expect(recordsTaken([within])).toEqual([sentence]);
  const shared = of(stack({ Address: music }), stack({ Address: music, AddressReports: reports }));
  const own = of(stack({ Address: reports }), stack({}));
  expect(recordsTaken([shared, own])).toEqual([sentence]);
});

test('a record that stays, is removed, is new, is free by then, or is in another zone passes', () => {
  const there = stack({ Address: music, AddressReports: reports });
  for (const one of [of(undefined, there), of(there, there), of(there, stack({}))])
    expect(recordsTaken([one])).toEqual([]);
  const gone = of(there, stack({ Address: music }));
  expect(recordsTaken([gone, of(undefined, stack({ Address: reports }))])).toEqual([]);
  const elsewhere = of(undefined, stack({ Address: reports }, 'Z9876543210ABC'));
  expect(recordsTaken([elsewhere, of(there, there)])).toEqual([]);
});

test('records with the same name but different identifiers are distinct', () => {
  const record = (SetIdentifier: string) => ({
    Type: 'AWS::Route53::RecordSet',
    Properties: { Name: music, Type: 'A', HostedZoneId: 'Z0123456789ABC', SetIdentifier },
  });
  const blue = { Resources: { Blue: record('blue') } };
  const both = { Resources: { ...blue.Resources, Green: record('green') } };
  expect(recordsTaken([{ deployed: blue, synthesized: both }])).toEqual([]);
  const renamed = { Resources: { Azure: record('blue') } };
  expect(recordsTaken([{ deployed: blue, synthesized: renamed }])).toHaveLength(1);
});
