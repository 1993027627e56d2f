import { describe, expect, test } from 'vitest';
import { forLifeRules, refusedChanges } from './for-life.ts';

const recorded = {
  'network.type': 'existing',
  'network.vpcId': 'vpc-0123456789abcdef0',
  'directory.type': 'managed',
  'directory.directoryId': 'd-0123456789',
  'domain.name': 'corp.example.com',
  'domain.netbiosName': 'CORP',
  'directory.edition': 'Standard',
  'network.cidr': '10.0.0.0/16',
  'network.zones': ['a', 'b'],
  'database.type': 'new',
  'database.identifier': 'music-db',
  'database.edition': 'standard',
  'database.storageGiB': 100,
};

describe('What is for life', () => {
  test('has a rule for each value, and may stay as it is', () => {
    expect(Object.keys(recorded).sort()).toEqual(Object.keys(forLifeRules).sort());
    expect(refusedChanges(recorded, recorded)).toEqual([]);
  });

  test.each<[keyof typeof recorded, unknown]>([
    ['domain.name', 'other.example.com'],
    ['domain.netbiosName', 'OTHER'],
    ['directory.type', 'new'],
    ['directory.type', 'shared'],
    ['directory.directoryId', 'd-9876543210'],
    ['directory.edition', 'Enterprise'],
    ['network.type', 'new'],
    ['network.vpcId', 'ssm:/network/vpc-id'],
    ['network.cidr', '10.0.0.0/17'],
    ['network.zones', ['b', 'a']],
    ['network.zones', ['a', 'c']],
    ['network.zones', ['a']],
    ['database.type', 'existing'],
    ['database.identifier', 'other'],
    ['database.edition', 'express'],
    ['database.storageGiB', 99],
  ])('%s cannot become %j', (key, value) => {
    const [sentence, ...others] = refusedChanges(recorded, { ...recorded, [key]: value });
    expect(others).toEqual([]);
    expect(sentence).toMatch(new RegExp(`^${key} is for life: it is .+ and cannot become .+, since .+\\.$`));
  });

  test.each<[keyof typeof recorded, unknown]>([
    ['network.zones', ['a', 'b', 'c']],
    ['database.storageGiB', 101],
  ])('%s may become %j', (key, value) => {
    expect(refusedChanges(recorded, { ...recorded, [key]: value })).toEqual([]);
  });

  test.each(['network', 'directory'] as const)(
    'a %s that was recorded before types existed counts as new',
    (part) => {
      const before =
        part === 'network' ? { 'network.cidr': '10.0.0.0/16' } : { 'directory.edition': 'Standard' };
      expect(refusedChanges(before, { ...before, [`${part}.type`]: 'new' })).toEqual([]);
      expect(refusedChanges(before, { [`${part}.type`]: 'existing' })).toEqual([
        expect.stringContaining(`${part}.type is for life: it is "new" and cannot become "existing"`),
      ]);
    },
  );
  test('a database that was recorded before types existed is our own', () => {
    const { 'database.type': _, ...earlier } = recorded;
    expect(refusedChanges(earlier, recorded)).toEqual([]);
    expect(refusedChanges(earlier, { 'database.type': 'existing' })).toEqual([
      expect.stringMatching(/^database\.type is for life: it is "new" and cannot become "existing"/),
    ]);
    expect(refusedChanges({ 'database.type': 'existing' }, recorded)).toHaveLength(1);
  });

  test('nothing is refused if the stack recorded nothing', () => {
    expect(refusedChanges({}, recorded)).toEqual([]);
  });
});
