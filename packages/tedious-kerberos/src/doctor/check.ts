import { hints } from '../errors/codes.ts';
import { type Team, teams } from './teams.ts';

/** What the doctor looks at, in this order. */
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

/** @typeParam Name who builds more checks on these gives theirs names of their own */
export interface Check<Name extends string = CheckName> {
  readonly check: Name;
  /** `warning`: works, but not as it should. `skipped`: could not be looked at, or need not be. */
  readonly status: 'passed' | 'warning' | 'failed' | 'skipped';
  /** What was found: of a failure its cause. */
  readonly detail: string;
  /** Of a failure: a `LoginErrorCode`, or a code of a query. */
  readonly code?: string;
  readonly remedy?: string;
  /** Who can mend it, where that is not whoever runs the client. */
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

/** @param better what is known better than by the code alone */
export const failed = <Name extends string>(
  check: Name,
  code: keyof typeof hints,
  detail: string,
  better: Pick<Check, 'remedy' | 'ask'> = {},
): Check<Name> => {
  const ask = better.ask ?? teams[code];
  return { check, status: 'failed', code, detail, remedy: better.remedy ?? hints[code], ...(ask && { ask }) };
};
