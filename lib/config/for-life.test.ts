import { describe, expect, test } from 'vitest';
import { forLifeRules, refusedChanges } from './for-life.ts';

const recorded = {
  'domain.name': 'corp.example.com',
  'domain.netbiosName': 'CORP',
  'directory.edition': 'Standard',
  'network.cidr': '10.0.0.0/16',
  'network.zones': ['a', 'b'],
  'database.identifier': 'music-db',
  'database.edition': 'standard',
  'database.storageGiB': 100,
};

describe('What is for life', () => {
  test('has a rule for each value, and is kept by itself', () => {
    expect(Object.keys(recorded).sort()).toEqual(Object.keys(forLifeRules).sort());
    expect(refusedChanges(recorded, recorded)).toEqual([]);
  });

  test.each<[keyof typeof recorded, unknown]>([
    ['domain.name', 'other.example.com'],
    ['domain.netbiosName', 'OTHER'],
    ['directory.edition', 'Enterprise'],
    ['network.cidr', '10.0.0.0/17'],
    ['network.zones', ['b', 'a']],
    ['network.zones', ['a', 'c']],
    ['network.zones', ['a']],
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

  test('of a stack that recorded nothing, nothing is refused', () => {
    expect(refusedChanges({}, recorded)).toEqual([]);
  });
});
