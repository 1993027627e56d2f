import { hints } from '../errors/codes.ts';

/** What the doctor looks at, in this order. */
export const checkNames = [
  'cache',
  'principal',
  'clock',
  'name',
  'port',
  'tls-name',
  'tls-authority',
  'tls-version',
  'ticket',
  'encryption-type',
  'login',
  'database',
  'channel-binding',
] as const;
export type CheckName = (typeof checkNames)[number];

export interface Check {
  readonly check: CheckName;
  /** `warning`: works, but not as it should. `skipped`: could not be looked at, or need not be. */
  readonly status: 'passed' | 'warning' | 'failed' | 'skipped';
  /** What was found: of a failure its cause. */
  readonly detail: string;
  /** Of a failure: a `LoginErrorCode`, or a code of a query. */
  readonly code?: string;
  readonly remedy?: string;
}

export const passed = (check: CheckName, detail: string): Check => ({ check, status: 'passed', detail });
export const skipped = (check: CheckName, detail: string): Check => ({ check, status: 'skipped', detail });
export const warning = (check: CheckName, detail: string, remedy: string): Check => ({
  ...{ check, status: 'warning', detail, remedy },
});
export const failed = (check: CheckName, code: keyof typeof hints, detail: string): Check => ({
  ...{ check, status: 'failed', code, detail, remedy: hints[code] },
});
