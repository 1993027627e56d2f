import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { GetHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { awsClient } from '../../../aws/clients.ts';
import { type Environment, routedServices, webServices } from '../../../config/index.ts';
import type { Check, CheckContext, Finding } from './preflight.ts';

/** A certificate is reported this many days before it expires. */
const soon = 30;

interface Balancer extends Pick<Environment['loadBalancer'], 'certificateArn' | 'hostedZone'> {
  /** The configuration key of the load balancer. */
  readonly key: string;
  /** The names that its certificate must cover. */
  readonly names: readonly string[];
}

/** The environment's load balancer, and those that services have of their own. */
function balancersOf({ deployment, environment }: CheckContext): Balancer[] {
  const { loadBalancer } = environment;
  // With a hosted zone, the hosts of routes get separate certificates.
  const routed = loadBalancer.hostedZone
    ? []
    : routedServices(deployment, environment).flatMap(({ route }) => route.hosts ?? []);
  const balancer = (
    key: string,
    { hostName, ...rest }: Environment['loadBalancer'],
    hosts: string[] = [],
  ) => ({
    ...rest,
    key,
    names: [...(hostName === undefined ? [] : [hostName]), ...hosts],
  });
  return [
    balancer('loadBalancer', loadBalancer, routed),
    ...webServices(deployment, environment).flatMap(({ name, loadBalancer: own }) =>
      own ? [balancer(`services.${name}.loadBalancer`, own)] : [],
    ),
  ];
}

/** Applies a check to each of the load balancers. */
const each =
  (look: (balancer: Balancer, context: CheckContext) => Promise<Finding[]>): Check =>
  async (context) =>
    (await Promise.all(balancersOf(context).map((balancer) => look(balancer, context)))).flat();

/** Checks the certificates and hosted zones that the configuration names. */
export const loadBalancerChecks: Readonly<Record<string, Check>> = {
  certificate: each(async ({ key, certificateArn, names }, { clientOptions }) => {
    if (!certificateArn) return [];
    const { Certificate } = await awsClient(ACMClient, clientOptions).send(
      new DescribeCertificateCommand({ CertificateArn: certificateArn }),
    );
    const findings: Finding[] = [];
    if (Certificate?.Status !== 'ISSUED') {
      findings.push({
        message: `The certificate of ${key}.certificateArn is ${Certificate?.Status}, not ISSUED.`,
        remedy: 'Finish its validation in ACM, or name another one.',
      });
    }
    const certified = [Certificate?.DomainName ?? '', ...(Certificate?.SubjectAlternativeNames ?? [])];
    const missing = names.filter((name) => !certified.some((one) => covers(one, name)));
    if (missing.length > 0) {
      findings.push({
        message: `The certificate of ${key}.certificateArn is for ${[...new Set(certified)].join(', ')}, not for ${missing.join(', ')}.`,
        remedy: `Name a certificate that covers ${names.join(' and ')}.`,
      });
    }
    const days = ((Certificate?.NotAfter?.getTime() ?? Number.POSITIVE_INFINITY) - Date.now()) / 86_400_000;
    if (days < soon) {
      findings.push({
        message: `The certificate of ${key}.certificateArn ${days < 0 ? 'has expired' : `expires in ${Math.floor(days)} days`}.`,
        remedy: 'Renew it: ACM does so automatically for certificates that are validated by DNS and in use.',
      });
    }
    return findings;
  }),
  'hosted zone': each(async ({ key, hostedZone }, { clientOptions }) => {
    if (!hostedZone) return [];
    const { HostedZone } = await awsClient(Route53Client, clientOptions).send(
      new GetHostedZoneCommand({ Id: hostedZone.id }),
    );
    const name = (HostedZone?.Name ?? '').replace(/\.$/, '');
    return [
      ...(name === hostedZone.name
        ? []
        : [
            {
              message: `The hosted zone ${hostedZone.id} is ${name}, not ${hostedZone.name}.`,
              remedy: `Correct ${key}.hostedZone.id or ${key}.hostedZone.name.`,
            },
          ]),
      ...(HostedZone?.Config?.PrivateZone
        ? [
            {
              message: `The hosted zone ${hostedZone.id} is private: ACM cannot validate a certificate by it.`,
              remedy: `Name a public zone, or a certificate in ${key}.certificateArn.`,
            },
          ]
        : []),
    ];
  }),
};

/** A wildcard in a certificate stands for exactly one label. */
function covers(name: string, hostName: string): boolean {
  if (name.toLowerCase() === hostName.toLowerCase()) return true;
  return name.startsWith('*.') && hostName.slice(hostName.indexOf('.')) === name.slice(1);
}
