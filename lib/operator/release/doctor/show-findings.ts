import type { DoctorLine } from '@packages/contracts';
import { type Finding, isTeam, reportCheck, summary, teamReport } from 'tedious-kerberos/doctor/report';
import { writeNamedFile } from '../../output.ts';

export interface FindingsOptions {
  readonly json: boolean;
  readonly print: (text: string) => void;
  /** Prints progress and notes, separately from the result. */
  readonly say: (text: string) => void;
}

/** Shows a doctor's findings as they arrive, or collects them for one document at the end. */
export interface Findings {
  /** @returns whether something was shown */
  take(line: DoctorLine): boolean;
  /**
   * Shows the summary. If the doctor or its log was cut off, that is a failure, because the rest was not checked.
   *
   * @param more additional content of the document
   * @param report a team, whose report is printed, or a file, to which the report for all teams is written
   * @returns whether the doctor finished and the report was delivered; if the file cannot be written, the report is
   *   printed
   */
  end(more: Readonly<Record<string, unknown>>, report: string | undefined): Promise<boolean>;
}

/** Prints findings as they arrive; with `json`, only the document that `end` prints. */
export function showFindings({ json, print, say }: FindingsOptions): Findings {
  const findings: Finding[] = [];
  const facts: Record<string, string> = {};
  let hasEnded = false;
  const show = (finding: Finding) => {
    findings.push(finding);
    if (!json) print(reportCheck(finding));
  };
  return {
    take(line) {
      if (line.doctor === 'facts') Object.assign(facts, line.facts);
      if (line.doctor === 'end') hasEnded = true;
      if (line.doctor !== 'finding') return false;
      const { doctor: _, ...finding } = line;
      show(finding as Finding);
      return !json;
    },
    async end(more, report) {
      if (!hasEnded) show(cutOff(findings.at(-1)?.check));
      const team = report !== undefined && isTeam(report) ? report : undefined;
      const text = teamReport({ facts, findings, team });
      if (json) {
        const document = { ...more, facts, findings, ...(team && { report: text }) };
        print(JSON.stringify(document, undefined, 2));
      } else print(`\n${summary(findings)}`);
      if (report === undefined) return hasEnded;
      const fault = team ? undefined : await writeNamedFile(report, text);
      if (!team) say(fault ?? `The report is in ${report}.`);
      if (!json && (team || fault)) print(`\n${text}`);
      return hasEnded && fault === undefined;
    },
  };
}

function cutOff(last = 'nothing'): Finding {
  return {
    ...{ check: 'doctor', status: 'failed', code: 'DOCTOR_FAILED' },
    detail: `The doctor was cut off: the last check that it reported is ${last}.`,
    remedy: 'Run it again. If that happens again, the end of its log says why.',
  };
}
