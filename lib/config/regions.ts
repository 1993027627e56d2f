import { RegionInfo } from 'aws-cdk-lib/region-info';

/**
 * Whether a region is in the partition `aws` and known to this CDK. Templates use that partition's service and
 * principal names; for an unknown region, the CDK does not even know the partition.
 */
export function isKnownRegion(region: string): boolean {
  const info = RegionInfo.regions.find(({ name }) => name === region);
  return info?.partition === 'aws';
}

/**
 * Letters of the zones that a new account can use, if they are not a, b, c. Synthesis makes no look-ups, and neither
 * the CDK nor the SDK contains them; `npm run bootstrap -- --check` compares them with the account.
 */
const zoneLetters: Readonly<Record<string, readonly string[]>> = {
  'ap-northeast-1': ['a', 'c', 'd'],
  'ap-northeast-2': ['a', 'b', 'c', 'd'],
  'ca-central-1': ['a', 'b', 'd'],
  'us-east-1': ['a', 'b', 'c', 'd', 'e', 'f'],
  'us-west-2': ['a', 'b', 'c', 'd'],
};

/** @returns the letters of a region's zones; in us-west-1, an account has two of the three */
export function zonesOf(region: string): readonly string[] {
  return zoneLetters[region] ?? ['a', 'b', 'c'];
}

/** The number of a region's zones that an account has. */
export function zoneCount(region: string): number {
  return region === 'us-west-1' ? 2 : zonesOf(region).length;
}

/** The zones to use if none are configured; undefined where they depend on the account. */
export function defaultZones(region: string): string[] | undefined {
  return zoneCount(region) < zonesOf(region).length ? undefined : zonesOf(region).slice(0, 2);
}

/**
 * Regions where RDS for SQL Server has no Kerberos authentication.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.RDS_Fea_Regions_DB-eng.Feature.KerberosAuthentication.html
 */
const withoutKerberos: readonly string[] = [
  'ap-east-2',
  'ap-southeast-3',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'il-central-1',
  'me-west-1',
  'mx-central-1',
];

export function hasKerberos(region: string): boolean {
  return !withoutKerberos.includes(region);
}

/** Regions without CodeBuild, according to the CDK's check of templates. */
const withoutBuilds: readonly string[] = ['ap-east-2', 'ca-west-1', 'mx-central-1'];

export function hasBuilds(region: string): boolean {
  return !withoutBuilds.includes(region);
}

/** Regions without AWS CodeStar Notifications or CodeBuild, according to the CDK's check of templates. */
const withoutNotifications: readonly string[] = [
  ...withoutBuilds,
  'af-south-1',
  'ap-northeast-3',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
];

/** Whether the pipeline can be created in the region. */
export function hasNotifications(region: string): boolean {
  return !withoutNotifications.includes(region);
}
