import { type Finding, reportCheck, wrapped } from './report.ts';
import type { Team } from './teams.ts';

const width = 80;

/** What each team is responsible for. */
const work: Readonly<Record<Team, string>> = {
  network: 'routes, firewalls, security groups and name resolution',
  directory: 'domain controllers, accounts, service principal names and trusts',
  database: 'SQL Server, its certificate, logins and permissions in the database',
};
const teamNames = Object.keys(work) as Team[];

export const isTeam = (text: string): text is Team => (teamNames as string[]).includes(text);

export interface TeamReport {
  /** What was examined, when and from where (hosts, ports, names), by label. */
  readonly facts: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
  /** Default: every team that has something to fix, one after the other. */
  readonly team?: Team | undefined;
}

/** A report for the teams that can fix the problems: the facts, what is wrong, what works. Lines of at most 80 columns. */
export function teamReport({ facts, findings, team }: TeamReport): string {
  const wrong = findings.filter(({ status }) => status === 'failed' || status === 'warning');
  const teams = team ? [team] : teamNames.filter((name) => wrong.some(({ ask }) => ask === name));
  const parts = teams.map((name) => forTeam(name, wrong));
  const own = wrong.filter(({ ask }) => ask === undefined);
  return `${[
    'The report of the doctor',
    listed(facts),
    ...(wrong.length === 0 ? ['Nothing is wrong.'] : []),
    ...parts,
    ...(team || own.length === 0 ? [] : [section('For ourselves', own)]),
    section(
      'In order',
      findings.filter(({ status }) => status === 'passed'),
    ),
  ].join('\n\n')}\n`;
}

function forTeam(team: Team, wrong: readonly Finding[]): string {
  const theirs = wrong.filter(({ ask }) => ask === team);
  const title = `For the ${team} team (${work[team]})`;
  if (theirs.length > 0) return section(title, theirs);
  return `${wrapped(title, width).join('\n')}\n\nThere is nothing to do for the ${team} team.`;
}

function section(title: string, findings: readonly Finding[]): string {
  return [wrapped(title, width).join('\n'), '', ...findings.map(reportCheck)].join('\n');
}

function listed(facts: Readonly<Record<string, string>>): string {
  const column = 2 + Math.max(0, ...Object.keys(facts).map((name) => name.length));
  return Object.entries(facts)
    .map(([name, value]) => {
      const [first = '', ...others] = wrapped(value, width - column);
      return [name.padEnd(column) + first, ...others.map((line) => ' '.repeat(column) + line)].join('\n');
    })
    .join('\n');
}
