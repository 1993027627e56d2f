import { expect, test } from 'vitest';
import { showFindings } from './show-findings.ts';

const passed = { check: 'controller', status: 'passed', detail: '10.0.0.10:88 answers.' } as const;

/** The output about a doctor that has reported one finding and then ends, or is cut off. */
async function shown({ ends, json }: { readonly ends: boolean; readonly json: boolean }) {
  const printed: string[] = [];
  const findings = showFindings({ json, print: (text) => printed.push(text), say: () => {} });
  findings.take({ doctor: 'finding', ...passed });
  if (ends) findings.take({ doctor: 'end', healthy: true });
  return { isWhole: await findings.end({}, undefined), output: printed.join('\n') };
}

test('a doctor that was cut off counts as failed', async () => {
  const { isWhole, output } = await shown({ ends: false, json: false });
  expect(output).toMatch(/the\s+last\s+check\s+that\s+it\s+reported\s+is\s+controller\./);
  expect(output).toMatch(/Wrong: doctor\./);
  expect(isWhole).toBe(false);
  const document = JSON.parse((await shown({ ends: false, json: true })).output);
  expect(document.findings).toMatchObject([passed, { check: 'doctor', code: 'DOCTOR_FAILED' }]);
});

test('a doctor that ended does not count as failed', async () => {
  const { isWhole, output } = await shown({ ends: true, json: false });
  expect(output).toMatch(/Nothing is wrong\.$/);
  expect(isWhole).toBe(true);
  expect(JSON.parse((await shown({ ends: true, json: true })).output).findings).toEqual([passed]);
});
