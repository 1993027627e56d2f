/** Formats the findings of a doctor. Does not load the driver. */
export { type Finding, printableJson, reportCheck, summary } from './report.ts';
export { isTeam, type TeamReport, teamReport } from './team-report.ts';
export type { Team } from './teams.ts';
