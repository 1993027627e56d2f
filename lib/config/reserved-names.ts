/** Names that already belong to something else, or that a service rejects. Compared in lower case. */

/**
 * Accounts and groups of every Active Directory, and of AWS Managed Microsoft AD, which share one namespace. An
 * existing account of that name would be taken over, password included.
 */
const directoryAccounts = [
  'admin',
  'administrator',
  'administrators',
  'defaultaccount',
  'dnsadmins',
  'dnsupdateproxy',
  'guest',
  'guests',
  'iis_iusrs',
  'krbtgt',
  'replicator',
  'users',
];

/** @see https://learn.microsoft.com/troubleshoot/windows-server/active-directory/naming-conventions-for-computer-domain-site-ou */
const netbiosNames = [
  'anonymous',
  'batch',
  'builtin',
  'dialup',
  'domain',
  'enterprise',
  'interactive',
  'internet',
  'local',
  'network',
  'null',
  'proxy',
  'restricted',
  'self',
  'server',
  'service',
  'system',
  'users',
  'world',
];

/** Databases of SQL Server itself and of RDS. */
const databases = [
  'master',
  'model',
  'msdb',
  'tempdb',
  'rdsadmin',
  'resource',
  'mssqlsystemresource',
  'ssisdb',
];

/**
 * Prefixes that a service rejects in names that begin with the deployment's name, or that belong to others: `aws` and
 * `ssm` (parameters in Systems Manager), `sthree-` and `amzn-s3-demo-` (S3 buckets), `cdk-` (roles and buckets of the
 * CDK's bootstrap).
 */
const deployments = /^(aws|ssm|(sthree|amzn-s3-demo|cdk)(-|$))/;

/**
 * Domains in which AWS, a VPC or every host has names. A directory with such a name would answer queries for them, and
 * tasks would find neither AWS nor each other.
 */
const domains =
  /(^|\.)(amazonaws\.com|amazonaws\.com\.cn|api\.aws|on\.aws|(compute|ec2)\.internal|localhost|arpa)$/;

export const isDomainOfOthers = (name: string) => domains.test(name.toLowerCase());
export const isDirectoryAccount = (name: string) => directoryAccounts.includes(name.toLowerCase());
export const isReservedNetbiosName = (name: string) => netbiosNames.includes(name.toLowerCase());
export const isSystemDatabase = (name: string) => databases.includes(name.toLowerCase());
export const isReservedDeployment = (name: string) => deployments.test(name);
