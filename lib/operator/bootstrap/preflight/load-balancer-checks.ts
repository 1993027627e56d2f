import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { GetHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { awsClient } from '../../../aws/clients.ts';
import type { Check, Finding } from './preflight.ts';

/** Days before its end in which a certificate is told. */
const soon = 30;

/** The certificate and the hosted zone that the configuration names. */
export const loadBalancerChecks: Readonly<Record<string, Check>> = {
  certificate: async ({ environment: { loadBalancer }, place }) => {
    const { certificateArn, hostName = '' } = loadBalancer;
    if (!certificateArn) return [];
    const { Certificate } = await awsClient(ACMClient, place).send(
      new DescribeCertificateCommand({ CertificateArn: certificateArn }),
    );
    const findings: Finding[] = [];
    if (Certificate?.Status !== 'ISSUED') {
      findings.push({
        message: `The certificate of loadBalancer.certificateArn is ${Certificate?.Status}, not ISSUED.`,
        remedy: 'Finish its validation in ACM, or name another one.',
      });
    }
    const names = [Certificate?.DomainName ?? '', ...(Certificate?.SubjectAlternativeNames ?? [])];
    if (!names.some((name) => bears(name, hostName))) {
      findings.push({
        message: `The certificate is for ${[...new Set(names)].join(', ')}, not for ${hostName}.`,
        remedy: 'Name a certificate that bears loadBalancer.hostName.',
      });
    }
    const days = ((Certificate?.NotAfter?.getTime() ?? Number.POSITIVE_INFINITY) - Date.now()) / 86_400_000;
    if (days < soon) {
      findings.push({
        message: `The certificate ends ${days < 0 ? 'in the past' : `in ${Math.floor(days)} days`}.`,
        remedy: 'Renew it: ACM does so by itself for certificates that DNS validates and that are in use.',
      });
    }
    return findings;
  },
  'hosted zone': async ({ environment: { loadBalancer }, place }) => {
    const { hostedZone } = loadBalancer;
    if (!hostedZone) return [];
    const { HostedZone } = await awsClient(Route53Client, place).send(
      new GetHostedZoneCommand({ Id: hostedZone.id }),
    );
    const name = (HostedZone?.Name ?? '').replace(/\.$/, '');
    return [
      ...(name === hostedZone.name
        ? []
        : [
            {
              message: `The hosted zone ${hostedZone.id} is ${name}, not ${hostedZone.name}.`,
              remedy: 'Correct loadBalancer.hostedZone.id or loadBalancer.hostedZone.name.',
            },
          ]),
      ...(HostedZone?.Config?.PrivateZone
        ? [
            {
              message: `The hosted zone ${hostedZone.id} is private: ACM cannot validate a certificate by it.`,
              remedy: 'Name a public zone, or a certificate in loadBalancer.certificateArn.',
            },
          ]
        : []),
    ];
  },
};

/** A certificate's wildcard stands for one label. */
function bears(name: string, hostName: string): boolean {
  if (name.toLowerCase() === hostName.toLowerCase()) return true;
  return name.startsWith('*.') && hostName.slice(hostName.indexOf('.')) === name.slice(1);
}
