import { z } from 'zod';
import { networkCidr } from './cidr.ts';
import { database } from './database.ts';
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
import { defaultZones } from './regions.ts';

const network = optionalSection({
  cidr: networkCidr.default('10.0.0.0/16'),
  zones: z
    .array(text(/^[a-f]$/, 'a zone letter of the region: "a" to "f"'), {
      error: 'a list of 2 or 3 zone letters',
    })
    .min(2, { error: 'a list of 2 or 3 zone letters' })
    .max(3, { error: 'a list of 2 or 3 zone letters' })
    .refine((zones) => new Set(zones).size === zones.length, { error: 'a list of different zone letters' })
    .optional()
    .describe(
      'Zones of the VPC. The directory stands in the first two. Default: the first two of the region.',
    ),
  natGateways: wholeNumber(0, 3, 'NAT gateways')
    .default(0)
    .describe('0: private subnets reach AWS through interface endpoints alone.'),
  managementHost: yesOrNo
    .default(false)
    .describe('A Windows host in the domain, reached through Session Manager.'),
});

const directory = optionalSection({
  edition: oneOf('Standard', 'Enterprise').default('Standard'),
  rotationDays: wholeNumber(1, 35, 'days')
    .default(30)
    .describe('A week below the 42 days of the directory policy, for a rotation that fails at first.'),
});

const service = optionalSection({
  cpu: z
    .literal([256, 512, 1024, 2048, 4096], { error: 'a Fargate CPU size: 256, 512, 1024, 2048 or 4096' })
    .default(256),
  memoryMiB: wholeNumber(512, 30_720, 'MiB').default(512),
  minimumTasks: wholeNumber(1, 100, 'tasks').default(2),
  maximumTasks: wholeNumber(1, 200, 'tasks').default(6),
  credentialMode: oneOf('injected', 'fetched')
    .default('injected')
    .describe('injected: ECS hands the password to the sidecar alone; fetched: the task role reads it.'),
  ticketMode: oneOf('service-ticket', 'tgt').default('service-ticket'),
  deployment: oneOf('rolling', 'blue-green').default('rolling'),
  rollbackOnFailedTest: yesOrNo.default(true),
});

/** Manual approvals, each shown in the pipeline before the part it names. */
const approvals = optionalSection({
  beforeEnvironment: yesOrNo.default(false),
  beforeDatabase: yesOrNo.default(false),
  beforeService: yesOrNo.default(false),
});

/** One environment: everything that is deployed to one account and region under one name. */
export const environment = section({
  name: text(
    /^(?!tools$)[a-z][a-z0-9]{1,11}$/,
    '2 to 12 lower-case letters and digits, a letter first, and not "tools"',
  ),
  account: accountNumber,
  region,
  approvals,
  alarmEmail: email.optional().describe('Without it, alarms are seen in the console only.'),
  logRetentionDays: z
    .literal([7, 14, 30, 60, 90, 180, 365, 731, 1827], {
      error: 'one of 7, 14, 30, 60, 90, 180, 365, 731, 1827 days',
    })
    .default(90),
  deletionProtection: yesOrNo
    .default(true)
    .describe('Keeps database, load balancer and directory from deletion.'),
  network,
  directory,
  database,
  service,
  loadBalancer,
})
  .transform((value) => ({
    ...value,
    network: { ...value.network, zones: value.network.zones ?? defaultZones(value.region) ?? [] },
  }))
  .superRefine((value, context) => {
    for (const { path, message, input } of environmentProblems(value)) {
      context.addIssue({ code: 'custom', path: [...path], message, input });
    }
  });

/** A checked environment, every default filled in. */
export type Environment = z.output<typeof environment>;
