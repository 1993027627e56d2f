import * as z from 'zod';
import { database } from './database.ts';
import { directory, trusted } from './directory.ts';
import { type Domain, domainOfEnvironment } from './domain.ts';
import { environmentProblems } from './environment-problems.ts';
import {
  accountNumber,
  email,
  oneOf,
  optionalSection,
  region,
  section,
  text,
  wholeNumber,
  yesOrNo,
} from './fields.ts';
import { loadBalancer } from './load-balancer.ts';
import { network, withZones } from './network.ts';
import { serviceOverrides } from './services.ts';
import { task } from './task.ts';
import { user } from './user.ts';

const service = optionalSection({
  cpu: task.cpu,
  memoryMiB: task.memoryMiB,
  minimumTasks: wholeNumber(1, 100, 'tasks').default(2),
  maximumTasks: wholeNumber(1, 200, 'tasks').default(6),
  credentialMode: task.credentialMode,
  ticketMode: task.ticketMode,
  deployment: oneOf('rolling', 'blue-green').default('rolling'),
  rollbackOnFailedTest: yesOrNo.default(true),
});

/** Manual approvals, each required before the part that it names. */
const approvals = optionalSection({
  beforeEnvironment: yesOrNo.default(false),
  beforeDatabase: yesOrNo.default(false),
  beforeService: yesOrNo.default(false),
});

/** An environment: everything that is deployed to one account and region under one name. */
export const environment = section({
  name: text(
    // The pipeline's roles are named `<deployment>-pipeline-…`; an environment called "pipeline" would share that
    // prefix.
    /^(?!(?:tools|pipeline)$)[a-z][a-z0-9]{1,11}$/,
    '2 to 12 lower-case letters and digits, a letter first, and neither "tools" nor "pipeline"',
  ),
  account: accountNumber,
  region,
  approvals,
  alarmEmail: email.optional().describe('Without it, alarms appear only in the console.'),
  logRetentionDays: z
    .literal([7, 14, 30, 60, 90, 180, 365, 731, 1827], {
      error: 'one of 7, 14, 30, 60, 90, 180, 365, 731, 1827 days',
    })
    .default(90),
  deletionProtection: yesOrNo
    .default(true)
    .describe('Protects database, load balancer and directory from deletion.'),
  domain: domainOfEnvironment.optional().describe("Default: the deployment's domain."),
  network,
  directory,
  trusted,
  user: user.optional(),
  database,
  service,
  loadBalancer,
  services: serviceOverrides.describe("This environment's overrides for the further services."),
})
  .transform((value) => ({ ...value, network: withZones(value.network, value.region) }))
  .superRefine((value, context) => {
    for (const { path, message, input } of environmentProblems(value)) {
      context.addIssue({ code: 'custom', path: [...path], message, input });
    }
  });

/** A checked environment with all defaults filled in, before it gets its domain. */
export type CheckedEnvironment = z.output<typeof environment>;
/** An environment with its domain. */
export type Environment = Omit<CheckedEnvironment, 'domain'> & { readonly domain: Domain };
