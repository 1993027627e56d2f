import * as z from 'zod';
import { deploymentProblems, type WithDomains, withDomains } from './deployment-problems.ts';
import { domain } from './domain.ts';
import { environment } from './environment.ts';
import {
  accountNumber,
  email,
  httpsAddress,
  oneOf,
  optionalSection,
  region,
  section,
  text,
  wholeNumber,
} from './fields.ts';
import { withZones } from './network.ts';
import { recordProblems } from './record-problems.ts';
import { hasNotifications } from './regions.ts';
import { isReservedDeployment } from './reserved-names.ts';
import { roleProblems } from './role-problems.ts';
import { serviceProblems } from './service-problems.ts';
import { services } from './services.ts';
import { sharedUserProblems } from './shared-users.ts';
import { source, sourceProblems } from './source.ts';
import { tags } from './tags.ts';

const images = optionalSection({
  architecture: oneOf('x86_64', 'arm64').default('x86_64'),
  replication: oneOf('own', 'existing')
    .default('own')
    .describe(
      "existing: the registry's only replication configuration belongs to others and contains our rule.",
    ),
  failOnSeverity: oneOf('CRITICAL', 'HIGH', 'MEDIUM', 'LOW').default('HIGH'),
});

const pipeline = optionalSection({
  notificationEmail: email.optional().describe('Receives messages about failures and waiting approvals.'),
  artifactRetentionDays: wholeNumber(1, 365, 'days').default(30),
});

const checked = section({
  name: text(
    /^(?=.{3,20}$)[a-z](-?[a-z0-9])*$/,
    '3 to 20 lower-case letters, digits and single hyphens, a letter first',
  ).refine((name) => !isReservedDeployment(name), {
    error:
      'a name that does not begin with "aws", "ssm", "sthree-", "amzn-s3-demo-" or "cdk-", which are others\'',
  }),
  tools: section({
    account: accountNumber,
    region: region.refine(hasNotifications, {
      error: 'a region where AWS CodeStar Notifications can report on the pipeline, such as "eu-central-1"',
    }),
    bootstrapQualifier: text(
      /^[a-z0-9]{1,10}$/,
      'the qualifier of a bootstrap of the CDK: 1 to 10 lower-case letters and digits',
    )
      .optional()
      .describe(
        "Default: derived from the deployment's name. The CDK's default, hnb659fds, is shared by all applications.",
      ),
  }),
  source,
  domain: domain.optional().describe('For all environments that name no other.'),
  images,
  pipeline,
  // Part of every alarm's description, which is limited to 1024 characters.
  runbookUrl: httpsAddress(512)
    .optional()
    .describe(
      'The address of docs/operate.md, to which alarms link. Default: in the repository of the source.',
    ),
  tags: tags.default({}),
  services: services.describe('Further services, each with its own user, login, image and stack.'),
  environments: z
    .array(environment, { error: 'a list of 1 to 5 environments' })
    .min(1, { error: 'a list of 1 to 5 environments' })
    .max(5, { error: 'a list of 1 to 5 environments' }),
});

/** The context key `deployment` in `cdk.json`. */
export const deployment = checked
  .superRefine((value, context) => {
    // If something in an environment is wrong, it arrives here as written, without the zones of its region.
    const environments = value.environments.map((one) => ({
      ...one,
      network: withZones(one.network, one.region),
    }));
    const whole = { ...value, environments };
    const problems = [
      ...sourceProblems(whole),
      ...deploymentProblems(whole),
      ...serviceProblems(whole),
      ...recordProblems(whole),
      ...roleProblems(whole),
      ...sharedUserProblems(whole),
    ];
    for (const { path, message, input } of problems) {
      context.addIssue({ code: 'custom', path: [...path], message, input });
    }
  })
  .transform(withDomains);

/** A checked deployment with all defaults filled in; each environment has its domain. */
export type Deployment = WithDomains<z.output<typeof checked>>;
/** The configuration as a person writes it in `cdk.json`. */
export type DeploymentInput = z.input<typeof deployment>;
export type Source = Deployment['source'];
