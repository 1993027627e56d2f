import { hints } from '../errors/codes.ts';
import { type Team, teams } from './teams.ts';

/** The doctor's checks, in the order in which they run. */
export const checkNames = [
  'cache',
  'principal',
  'clock',
  'name',
  'ticket',
  'encryption-type',
  'port',
  'tls-name',
  'tls-authority',
  'tls-version',
  'login',
  'database',
  'channel-binding',
] as const;
export type CheckName = (typeof checkNames)[number];

/** @typeParam Name the names of the checks; a doctor that adds checks has its own */
export interface Check<Name extends string = CheckName> {
  readonly check: Name;
  /** `warning`: works, but not as it should. `skipped`: could not or need not be checked. */
  readonly status: 'passed' | 'warning' | 'failed' | 'skipped';
  /** What was found; for a failure, its cause. */
  readonly detail: string;
  /** For a failure: a `LoginErrorCode` or the code of a query error. */
  readonly code?: string;
  readonly remedy?: string;
  /** The team that can fix it, unless that is the operator of the client. */
  readonly ask?: Team;
}

export const passed = <Name extends string>(check: Name, detail: string): Check<Name> => ({
  ...{ check, status: 'passed', detail },
});
export const skipped = <Name extends string>(check: Name, detail: string): Check<Name> => ({
  ...{ check, status: 'skipped', detail },
});
export const warning = <Name extends string>(
  check: Name,
  detail: string,
  remedy: string,
  ask?: Team,
): Check<Name> => ({ check, status: 'warning', detail, remedy, ...(ask && { ask }) });

/** @param better a remedy or team that fits better than the default for the code */
export const failed = <Name extends string>(
  check: Name,
  code: keyof typeof hints,
  detail: string,
  better: Pick<Check, 'remedy' | 'ask'> = {},
): Check<Name> => {
  const ask = better.ask ?? teams[code];
  return { check, status: 'failed', code, detail, remedy: better.remedy ?? hints[code], ...(ask && { ask }) };
};
