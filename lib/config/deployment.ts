import { z } from 'zod';
import { branch } from './branch.ts';
import { environment } from './environment.ts';
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
import { isDirectoryAccount, isReservedDeployment, isReservedNetbiosName } from './reserved-names.ts';
import { tags } from './tags.ts';

/** Where the pipeline takes the code from. */
const source = z.discriminatedUnion(
  'type',
  [
    section({
      type: z.literal('connection'),
      connectionArn: text(
        /^arn:aws[a-z-]*:(codeconnections|codestar-connections):[^:]+:\d{12}:connection\/[0-9a-f-]+$/,
        'the ARN of a CodeConnections connection',
      ),
      repository: text(
        /^[\w.-]+(\/[\w.-]+){1,22}$/,
        'a repository as "owner/name", or "group/subgroup/name" in GitLab',
      ),
      branch,
    }),
    section({
      type: z.literal('codecommit'),
      repository: text(/^[\w.-]{1,100}$/, 'the name of a CodeCommit repository in the tools account'),
      branch,
    }),
    section({
      type: z.literal('s3'),
      bucket: text(/^[a-z0-9.-]{3,63}$/, 'the name of a versioned S3 bucket in the tools account'),
      key: text(/^[\w./-]+\.zip$/, 'the key of a zip file'),
    }),
  ],
  { error: 'a source with type "connection", "codecommit" or "s3"' },
);

const domainForm = /^(?=.{1,47}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/;

const netbiosForm = /^[A-Z]([A-Z0-9-]{0,13}[A-Z0-9])?$/;

const domain = section({
  // SQL Server takes no more than 47 characters.
  name: text(
    domainForm,
    'a domain name of at least two lower-case labels, such as "corp.example.com", of at most 47 characters',
  ),
  netbiosName: text(netbiosForm, '1 to 15 capitals, digits and hyphens, a capital first, no hyphen last')
    .refine((name) => !isReservedNetbiosName(name), {
      error: 'a name that Windows has not reserved for itself',
    })
    .optional(),
  user: text(
    /^[a-z][a-z0-9._-]{0,19}$(?<!\.)/,
    '1 to 20 lower-case letters, digits, dots, hyphens and underscores, no dot last',
  )
    .refine((name) => !isDirectoryAccount(name), {
      error: 'a user of its own: every directory has one, or a group, of that name',
    })
    .default('db-user'),
  adoptUser: yesOrNo.optional().describe('Whether a user of that name that others made may be taken over.'),
}).superRefine(({ name, netbiosName }, context) => {
  const [label = ''] = name.split('.');
  const derived = label.toUpperCase().slice(0, 15);
  if (netbiosName === undefined && (!netbiosForm.test(derived) || isReservedNetbiosName(derived))) {
    const message = `given: "${derived}", which the domain's name gives, is none that Windows takes`;
    context.addIssue({ code: 'custom', path: ['netbiosName'], message, input: undefined });
  }
});

const images = optionalSection({
  architecture: oneOf('x86_64', 'arm64').default('x86_64'),
  replication: oneOf('own', 'existing')
    .default('own')
    .describe("existing: the registry's one replication configuration is somebody else's and has our rule."),
  failOnSeverity: oneOf('CRITICAL', 'HIGH', 'MEDIUM', 'LOW').default('HIGH'),
});

const pipeline = optionalSection({
  notificationEmail: email.optional().describe('Told of failures and of waiting approvals.'),
  artifactRetentionDays: wholeNumber(1, 365, 'days').default(30),
});

/** The whole of `cdk.json`'s context key `deployment`. */
export const deployment = section({
  name: text(
    /^(?=.{3,20}$)[a-z](-?[a-z0-9])*$/,
    '3 to 20 lower-case letters, digits and single hyphens, a letter first',
  ).refine((name) => !isReservedDeployment(name), {
    error:
      'a name that does not begin with "aws", "ssm", "sthree-", "amzn-s3-demo-" or "cdk-", which are others\'',
  }),
  tools: section({
    account: accountNumber,
    region,
    bootstrapQualifier: text(
      /^[a-z0-9]{1,10}$/,
      'the qualifier of a bootstrap of the CDK: 1 to 10 lower-case letters and digits',
    )
      .optional()
      .describe(
        "Default: one of the deployment's own. The CDK's own, hnb659fds, is shared by all applications.",
      ),
  }),
  source,
  domain,
  images,
  pipeline,
  runbookUrl: z
    .url({ protocol: /^https$/, error: 'an https address' })
    .optional()
    .describe('Where docs/operate.md is read; alarms point there. Default: the repository of the source.'),
  tags: tags.default({}),
  environments: z
    .array(environment, { error: 'a list of 1 to 5 environments' })
    .min(1, { error: 'a list of 1 to 5 environments' })
    .max(5, { error: 'a list of 1 to 5 environments' }),
}).superRefine(({ domain, environments }, context) => {
  environments.forEach((candidate, index) => {
    const { hostName } = candidate.loadBalancer;
    if (hostName === domain.name || hostName?.endsWith(`.${domain.name}`)) {
      const message = `a name outside of the domain ${domain.name}, whose own DNS answers for all names in it`;
      context.addIssue({
        code: 'custom',
        path: ['environments', index, 'loadBalancer', 'hostName'],
        message,
        input: hostName,
      });
    }
    const earlier = environments.slice(0, index);
    if (earlier.some(({ name }) => name === candidate.name)) {
      const message = 'a name of its own: an earlier environment has it';
      context.addIssue({
        code: 'custom',
        path: ['environments', index, 'name'],
        message,
        input: candidate.name,
      });
    }
    const place = ({ account, region, database }: typeof candidate) =>
      `${account} ${region} ${database.identifier}`;
    if (earlier.some((other) => place(other) === place(candidate))) {
      const path = ['environments', index, 'database', 'identifier'];
      const message =
        'an identifier of its own: an earlier environment in the same account and region has it';
      context.addIssue({ code: 'custom', path, message, input: candidate.database.identifier });
    }
  });
});

/** A checked deployment, every default filled in. */
export type Deployment = z.output<typeof deployment>;
/** What a person may write in `cdk.json`. */
export type DeploymentInput = z.input<typeof deployment>;
export type Source = Deployment['source'];
