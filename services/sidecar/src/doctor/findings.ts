import type { Finding, Team } from 'tedious-kerberos/doctor/report';

interface Problem {
  readonly remedy: string;
  /** The team to ask, unless it is the service's own operators. */
  readonly ask?: Team;
}

/**
 * The problems that the doctor itself detects, besides the codes of Kerberos and of the login. The codes are stable.
 */
export const problems = {
  SETTINGS_INVALID: {
    remedy: 'Correct the configuration in cdk.json and deploy: the task definition comes from it.',
  },
  SECRET_INVALID: {
    remedy: 'Give the secret the JSON {"username":"…","password":"…"}; the account name without its domain.',
  },
  SECRET_UNAVAILABLE: {
    remedy: 'Check the permissions on the secret and on its key, and the network path to Secrets Manager.',
  },
  DIRECTORY_NOT_FOUND: {
    remedy:
      "Have queries for the directory's domain forwarded to its DNS servers (a Route 53 Resolver rule, or the VPC's DHCP options), and check the domain's spelling.",
    ask: 'network',
  },
  NAME_SERVER_SILENT: {
    remedy: 'Let UDP and TCP port 53 through to the DNS servers, and see that they run.',
    ask: 'network',
  },
  NAME_SERVER_FAILS: {
    remedy:
      'The DNS server answers with an error: check that the servers it asks about the domain answer it, and that it serves these clients.',
    ask: 'network',
  },
  CONTROLLER_NOT_FOUND: {
    remedy: "Register the domain controller's address in DNS, or have its zone forwarded.",
    ask: 'network',
  },
  CONTROLLER_SILENT: {
    remedy:
      "Let TCP port 88 through from the tasks' subnets to the domain controllers, and the answers back: routes, firewalls, the directory's security group.",
    ask: 'network',
  },
  CONTROLLER_REFUSES: {
    remedy:
      'The machine is up, but nothing listens on port 88: start its Key Distribution Center, or take it out of the list of domain controllers.',
    ask: 'directory',
  },
  CONTROLLER_ANSWERS_NOTHING: {
    remedy:
      'The port accepts connections but does not answer: check whether the Key Distribution Center hangs, or whether something in between accepts the connections.',
    ask: 'directory',
  },
  CONTROLLER_FOREIGN: {
    remedy:
      'The program listening on port 88 is not a Key Distribution Center: correct the list of domain controllers.',
    ask: 'directory',
  },
  REALM_WRONG: {
    remedy:
      'The domain controller serves another domain: correct the domain, or the list of its controllers.',
    ask: 'directory',
  },
  CLOCK_SKEW: {
    remedy:
      'Kerberos allows five minutes. Tasks have the time of AWS: set the clock of the domain controllers by NTP.',
    ask: 'directory',
  },
  PASSWORD_REFUSED: {
    remedy:
      "Make the secret and the account's password equal again, by a rotation or by hand. Do not keep trying: each refusal counts towards a lockout.",
  },
  PASSWORD_WITHHELD: {
    remedy:
      'The doctor did not try it, so that the account is not locked. Correct the secret, or wait until the directory has forgotten the refusals, then run the doctor again.',
  },
  RIGHTS_MISSING: {
    remedy:
      'Run the script that "npm run release -- database-script" prints, or give the account the roles by hand: ALTER ROLE … ADD MEMBER ….',
    ask: 'database',
  },
  RIGHTS_UNKNOWN: {
    remedy: 'Find out why the database does not answer a query about its own roles.',
    ask: 'database',
  },
  DOCTOR_FAILED: { remedy: 'This is a fault of the doctor: report it with this line.' },
} as const satisfies Record<string, Problem>;

export type ProblemCode = keyof typeof problems;

/** A failure with the remedy of its code. */
export function problem(check: string, code: ProblemCode, detail: string): Finding {
  const { remedy, ask }: Problem = problems[code];
  return { check, status: 'failed', code, detail, remedy, ...(ask && { ask }) };
}

/** Like {@link problem}, but a warning, because the service works nevertheless. */
export function concern(check: string, code: ProblemCode, detail: string): Finding {
  return { ...problem(check, code, detail), status: 'warning' };
}
