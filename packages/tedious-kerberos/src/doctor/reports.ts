/** What prints the findings of a doctor; it loads no driver. */
export { type Finding, printableJson, reportCheck, summary } from './report.ts';
export { isTeam, type TeamReport, teamReport } from './team-report.ts';
export type { Team } from './teams.ts';
