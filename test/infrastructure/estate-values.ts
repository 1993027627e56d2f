import { exampleInput, sentencesAbout } from './example-deployment.ts';

export type Values = Record<string, unknown>;

export const subnet = (end: string) => `subnet-0123456789abcd${end}`;
export const table = 'rtb-0123456789abcdef0';
export const zones = {
  a: { tasks: subnet('fa0'), database: subnet('fa1') },
  b: { tasks: subnet('fb0'), database: subnet('fb1') },
};
export const network = { type: 'existing', vpcId: 'vpc-0123456789abcdef0', cidrs: ['10.20.0.0/16'], zones };
export const managed = {
  type: 'managed',
  directoryId: 'd-0123456789',
  dnsAddresses: ['10.20.1.10', '10.20.2.10'],
};
export const rule = { ruleId: 'rslvr-rr-0123456789abcdef0' };
/** For directories whose users someone else creates: RDS joins with such a user. */
export const join = {
  ou: 'OU=SQL,OU=Servers,DC=corp,DC=example,DC=com',
  secretArn: 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/join-AbCdEf',
};
export const selfManaged = { type: 'self-managed', dnsAddresses: ['10.20.1.10'], join };
/** An existing SQL Server. */
export const existing = {
  type: 'existing',
  host: 'sql01.corp.example.com',
  name: 'Music',
  tlsName: 'sql01.abcdefghijkl.eu-central-1.rds.amazonaws.com',
  access: { addresses: ['10.20.0.0/16'] },
};
export const shared = { ...network, ownerAccount: '444444444444' };
export const partner = { name: 'partner.example.com', dnsAddresses: ['10.30.1.10'] };
export const facing = { scheme: 'internet-facing', allowedClients: ['192.0.2.0/24'] };
export const publicZones = {
  a: { ...zones.a, loadBalancer: subnet('fa2') },
  b: { ...zones.b, loadBalancer: subnet('fb2') },
};

/** The error lines for the example with these values added to its first environment; one for each wrong value. */
export function said(values: Values, deployment: Values = {}): string[] {
  const { environments, ...others } = structuredClone(exampleInput);
  return sentencesAbout({
    ...others,
    ...deployment,
    environments: [{ ...environments[0], ...values }, ...environments.slice(1)],
  });
}

export const inNetwork = (values: Values, others: Values = {}): Values => ({
  network: { ...network, ...values },
  directory: managed,
  ...others,
});
export const withDirectory = (directory: Values, others: Values = {}): Values => ({
  network,
  directory,
  ...others,
});
