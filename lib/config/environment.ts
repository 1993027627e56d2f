import { z } from 'zod';
import { database } from './database.ts';
import { fargateMemory } from './fargate-sizes.ts';
import {
  accountNumber,
  cidr,
  email,
  oneOf,
  optionalSection,
  region,
  section,
  text,
  wholeNumber,
  yesOrNo,
} from './fields.ts';

const network = optionalSection({
  cidr: cidr
    .refine((value) => Number(value.split('/')[1]) >= 16 && Number(value.split('/')[1]) <= 20, {
      error: 'an IPv4 range of size /16 to /20, such as "10.0.0.0/16"',
    })
    .default('10.0.0.0/16'),
  zones: z
    .array(text(/^[a-f]$/, 'a zone letter of the region: "a" to "f"'), {
      error: 'a list of 2 or 3 zone letters',
    })
    .min(2, { error: 'a list of 2 or 3 zone letters' })
    .max(3, { error: 'a list of 2 or 3 zone letters' })
    .refine((zones) => new Set(zones).size === zones.length, { error: 'a list of different zone letters' })
    .default(['a', 'b'])
    .describe('Zones of the VPC. The directory stands in the first two.'),
  natGateways: wholeNumber(0, 3, 'NAT gateways')
    .default(0)
    .describe('0: private subnets reach AWS through interface endpoints alone.'),
  managementHost: yesOrNo
    .default(false)
    .describe('A Windows host in the domain, reached through Session Manager.'),
});

const directory = optionalSection({
  edition: oneOf('Standard', 'Enterprise').default('Standard'),
  rotationDays: wholeNumber(1, 41, 'days').default(30).describe('Below the 42 days of the directory policy.'),
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

const loadBalancer = section({
  scheme: oneOf('internal', 'internet-facing').default('internal'),
  allowedClients: z
    .array(cidr, { error: 'a list of IPv4 ranges' })
    .min(1, { error: 'a list of at least one IPv4 range' })
    .max(20, { error: 'a list of at most 20 IPv4 ranges' }),
  hostName: text(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'a full host name such as "music.example.com"').optional(),
  certificateArn: text(
    /^arn:aws[a-z-]*:acm:[^:]+:\d{12}:certificate\/.+$/,
    'the ARN of an ACM certificate',
  ).optional(),
  hostedZone: section({
    id: text(/^Z[A-Z0-9]{5,31}$/, 'the id of a Route 53 hosted zone, such as "Z0123456789ABCDEFGHIJ"'),
    name: text(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'the name of a Route 53 hosted zone, such as "example.com"'),
  }).optional(),
});

/** Manual approvals, each shown in the pipeline before the part it names. */
const approvals = optionalSection({
  beforeEnvironment: yesOrNo.default(false),
  beforeDatabase: yesOrNo.default(false),
  beforeService: yesOrNo.default(false),
});

/** One environment: everything that is deployed to one account and region under one name. */
export const environment = section({
  name: text(/^[a-z][a-z0-9]{1,11}$/, '2 to 12 lower-case letters and digits, a letter first'),
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
}).superRefine((value, context) => {
  const refuse = (path: (string | number)[], message: string, input: unknown) =>
    context.addIssue({ code: 'custom', path, message, input });
  const { service, loadBalancer } = value;
  if (service.maximumTasks < service.minimumTasks) {
    refuse(
      ['service', 'maximumTasks'],
      `at least minimumTasks (${service.minimumTasks})`,
      service.maximumTasks,
    );
  }
  const memory = fargateMemory(service.cpu);
  if (!memory.includes(service.memoryMiB)) {
    refuse(
      ['service', 'memoryMiB'],
      `a size that Fargate pairs with cpu ${service.cpu}: ${memory.join(', ')}`,
      service.memoryMiB,
    );
  }
  if (loadBalancer.hostedZone && !loadBalancer.hostName) {
    refuse(
      ['loadBalancer', 'hostName'],
      `given with hostedZone: a name in ${loadBalancer.hostedZone.name}`,
      undefined,
    );
  }
  if (
    loadBalancer.hostedZone &&
    loadBalancer.hostName &&
    !loadBalancer.hostName.endsWith(`.${loadBalancer.hostedZone.name}`)
  ) {
    refuse(
      ['loadBalancer', 'hostName'],
      `a name in the hosted zone ${loadBalancer.hostedZone.name}`,
      loadBalancer.hostName,
    );
  }
  if (loadBalancer.hostName && !loadBalancer.hostedZone && !loadBalancer.certificateArn) {
    refuse(
      ['loadBalancer', 'hostName'],
      'left out unless certificateArn or hostedZone is given',
      loadBalancer.hostName,
    );
  }
  const certificateRegion = loadBalancer.certificateArn?.split(':')[3];
  if (certificateRegion && certificateRegion !== value.region) {
    refuse(
      ['loadBalancer', 'certificateArn'],
      `a certificate in the environment's region ${value.region}`,
      loadBalancer.certificateArn,
    );
  }
});

/** A checked environment, every default filled in. */
export type Environment = z.output<typeof environment>;
