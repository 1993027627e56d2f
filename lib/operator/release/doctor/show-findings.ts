import { writeFile } from 'node:fs/promises';
import type { DoctorLine } from '@packages/contracts';
import { type Finding, isTeam, reportCheck, summary, teamReport } from 'tedious-kerberos/doctor/report';

export interface FindingsOptions {
  readonly json: boolean;
  readonly print: (text: string) => void;
  /** A word meanwhile, beside the result. */
  readonly say: (text: string) => void;
}

/** What a doctor says, shown as it comes; or kept for one document at the end. */
export interface Findings {
  /** @returns whether something was shown */
  take(line: DoctorLine): boolean;
  /**
   * Shows the end.
   *
   * @param more what the document has besides
   * @param report a team, whose report is printed, or a file, which gets that for all teams
   */
  end(more: Readonly<Record<string, unknown>>, report: string | undefined): Promise<void>;
}

export function showFindings({ json, print, say }: FindingsOptions): Findings {
  const findings: Finding[] = [];
  const facts: Record<string, string> = {};
  return {
    take(line) {
      if (line.doctor === 'facts') Object.assign(facts, line.facts);
      if (line.doctor !== 'finding') return false;
      const { doctor: _, ...finding } = line;
      findings.push(finding as Finding);
      if (!json) print(reportCheck(finding as Finding));
      return !json;
    },
    async end(more, report) {
      if (json) print(JSON.stringify({ ...more, facts, findings }, undefined, 2));
      else print(`\n${summary(findings)}`);
      if (report === undefined) return;
      if (!isTeam(report)) {
        await writeFile(report, teamReport({ facts, findings }));
        say(`The report is in ${report}.`);
      } else if (!json) print(`\n${teamReport({ facts, findings, team: report })}`);
    },
  };
}
