import { expect, test } from 'vitest';
import type { Finding } from '../src/doctor/report.ts';
import { isTeam, teamReport } from '../src/doctor/team-report.ts';

const facts = { 'SQL Server': 'music-db.corp.example.com:1433', from: 'x '.repeat(60) };
const good: Finding = { check: 'name', status: 'passed', detail: 'It resolves.' };
const closed: Finding = {
  ...{ check: 'port', status: 'failed', code: 'TIMEOUT', ask: 'network' },
  ...{ detail: 'Nothing answered.', remedy: 'Open it.' },
};
const own: Finding = { check: 'secret', status: 'failed', detail: 'It is no JSON.', remedy: 'Mend it.' };

test('a team gets its findings, the facts and what passed, in lines of 80 columns', () => {
  const text = teamReport({ facts, findings: [good, closed, own], team: 'network' });
  expect(text).toContain('For the network team');
  expect(text).toContain('FAIL port');
  expect(text).toContain('In order');
  expect(text).not.toContain('secret');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('a team with nothing to do is told so', () => {
  expect(teamReport({ facts, findings: [closed], team: 'database' })).toContain(
    'There is nothing to do for the database team.',
  );
});

test('the report for all has a part for each team that can fix something, and one for ourselves', () => {
  const text = teamReport({ facts, findings: [good, closed, own] });
  expect(text.match(/^For .*$/gm)).toEqual([expect.stringMatching(/network team/), 'For ourselves']);
  expect(teamReport({ facts, findings: [good] })).toContain('Nothing is wrong.');
});

test('there are three teams', () => {
  expect(['network', 'directory', 'database', 'marketing', ''].filter(isTeam)).toEqual([
    ...['network', 'directory', 'database'],
  ]);
});
