import { type AcceptedFinding, judgeFindings, remedy } from './accepted-findings.ts';
import { type ScanResult, type Severity, severities } from './registry.ts';

export interface ScanGate {
  /** Findings of this severity or above are refused. */
  readonly threshold: Severity;
  readonly accepted: readonly AcceptedFinding[];
  /** ISO 8601 date. */
  readonly today: string;
}

/**
 * Refuses an image whose scan has findings at or above the threshold that are not accepted.
 *
 * @throws Error with the counts, the ids, the threshold, and what to do
 */
export function checkScan(image: string, { counts, findings }: ScanResult, gate: ScanGate): void {
  const { threshold, accepted, today } = gate;
  const grave = severities.slice(0, severities.indexOf(threshold) + 1);
  const judged = judgeFindings(
    findings.filter(({ severity }) => grave.some((one) => one === severity)).map(({ id }) => id),
    accepted,
    today,
  );
  const left = grave
    .map((severity) => {
      const passed = findings.filter(
        (finding) => finding.severity === severity && !judged.refused.includes(finding.id),
      ).length;
      // The counts cover all findings, including any that are missing from the list.
      return { severity, count: (counts[severity] ?? 0) - passed };
    })
    .filter(({ count }) => count > 0);
  if (left.length === 0) return;
  const list = left.map(({ severity, count }) => `${count} ${severity}`).join(', ');
  const ids = judged.refused.length > 0 ? ` (${judged.refused.slice(0, 20).join(', ')})` : '';
  throw new Error(
    `${image} has findings of severity ${threshold} or above: ${list}${ids}. ${remedy(judged)}`,
  );
}
