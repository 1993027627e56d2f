/** Names that something else has already, or that a service refuses. Compared in lower case. */

/**
 * Accounts and groups of every Active Directory, and of AWS Managed Microsoft AD: all share one space of names. A user
 * that is found would be taken over, password and all.
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
 * Beginnings that a service refuses for a name that begins with the deployment's, or that are others': parameters of
 * Systems Manager (`aws`, `ssm`), buckets of S3 (`sthree-`, `amzn-s3-demo-`), roles and buckets of the CDK's bootstrap
 * (`cdk-`).
 */
const deployments = /^(aws|ssm|(sthree|amzn-s3-demo|cdk)(-|$))/;

/**
 * Domains below which AWS, a VPC or every host has names: a directory with such a name would answer them, and tasks would
 * find neither AWS nor each other.
 */
const domains =
  /(^|\.)(amazonaws\.com|amazonaws\.com\.cn|api\.aws|on\.aws|(compute|ec2)\.internal|localhost|arpa)$/;

export const isDomainOfOthers = (name: string) => domains.test(name.toLowerCase());
export const isDirectoryAccount = (name: string) => directoryAccounts.includes(name.toLowerCase());
export const isReservedNetbiosName = (name: string) => netbiosNames.includes(name.toLowerCase());
export const isSystemDatabase = (name: string) => databases.includes(name.toLowerCase());
export const isReservedDeployment = (name: string) => deployments.test(name);
