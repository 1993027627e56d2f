// Fails on known vulnerabilities in the npm packages that the services run with, as `npm audit` reports them for the lock
// file.
import { execa } from 'execa';
import * as z from 'zod';
import { readCdkContext } from '../config/cdk-json.ts';
import { loadDeployment } from '../config/index.ts';
import { judgeFindings, readAcceptedFindings, remedy } from './images/accepted-findings.ts';
import { severities } from './images/registry.ts';
import { progress, runProgram } from './program.ts';

/** npm's names for the severities. */
const npmSeverities = { CRITICAL: 'critical', HIGH: 'high', MEDIUM: 'moderate', LOW: 'low' } as const;

const advisory = z.object({
  source: z.number(),
  title: z.string(),
  url: z.string(),
  severity: z.string(),
  name: z.string(),
  range: z.string(),
});
const report = z.object({
  vulnerabilities: z.record(z.string(), z.object({ via: z.array(z.union([z.string(), advisory])) })),
});

await runProgram(async () => {
  const { images } = loadDeployment(readCdkContext('cdk.json').deployment);
  const threshold = images.failOnSeverity;
  // npm's exit code reports any finding; the code below decides which ones count.
  const { stdout, stderr } = await execa('npm', ['audit', '--json', '--omit', 'dev', '--package-lock-only'], {
    reject: false,
    timeout: 300_000,
  });
  const answer = report.safeParse(parsed(stdout));
  if (!answer.success) {
    throw new Error(
      `npm could not report known vulnerabilities of the packages. Can its registry be reached, and does it support audits? ${stderr.split('\n')[0] ?? ''}`.trim(),
    );
  }
  const advisories = Object.values(answer.data.vulnerabilities)
    .flatMap(({ via }) => via)
    .filter((cause) => typeof cause !== 'string');
  const byId = new Map(advisories.map((one) => [one.url.split('/').at(-1) ?? String(one.source), one]));
  const grave = severities
    .slice(0, severities.indexOf(threshold) + 1)
    .map((one) => npmSeverities[one] as string);
  const judged = judgeFindings(
    [...byId].filter(([, { severity }]) => grave.includes(severity)).map(([id]) => id),
    readAcceptedFindings(),
    new Date().toISOString().slice(0, 10),
  );
  for (const [id, { name, range, severity, title }] of byId)
    progress(`${id}: ${name} ${range}, ${severity}: ${title}`);
  progress(`${byId.size} known vulnerabilities, ${judged.refused.length} of them refused`);
  if (judged.refused.length === 0) return;
  const list = judged.refused.map((id) => `${byId.get(id)?.name} (${id})`).join(', ');
  throw new Error(`npm packages of the services have known vulnerabilities: ${list}. ${remedy(judged)}`);
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
