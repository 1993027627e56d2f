import { describe, expect, test } from 'vitest';
import type { DeploymentInput } from '../../lib/config/index.ts';
import { exampleDeployment } from '../infrastructure/synthesize.ts';
import { preflightAccounts, region } from './preflight-account.ts';

const { lastAccount, said } = preflightAccounts();

describe('For web services other than web, preflight', () => {
  const certificateArn = `arn:aws:acm:${region}:222222222222:certificate/one`;
  const balanced = (services: DeploymentInput['services']) =>
    exampleDeployment((input) => {
      input.services = services;
      input.environments.splice(1);
      Object.assign(input.environments[0] ?? {}, {
        loadBalancer: { allowedClients: ['10.0.0.0/8'], hostName: 'music.example.com', certificateArn },
      });
    });
  const certificate = (...names: string[]) => ({
    DescribeCertificate: JSON.stringify({
      Certificate: { Status: 'ISSUED', DomainName: 'music.example.com', SubjectAlternativeNames: names },
    }),
  });
  const routed = balanced({ reports: { kind: 'web', route: { hosts: ['reports.example.com'] } } });
  const own = (more: object) =>
    balanced({
      reports: {
        kind: 'web',
        loadBalancer: { allowedClients: ['10.0.0.0/8'], hostName: 'reports.example.com', ...more },
      },
    });

  test('reports a certificate that does not cover the host of a route', async () => {
    expect((await said(certificate('reports.example.com'), routed)).lines).toEqual([]);
    await lastAccount()?.stop();
    expect((await said(certificate(), routed)).lines).toEqual([
      expect.stringMatching(
        /^certificate: The certificate of loadBalancer\.\S+ is for .*, not for reports\./,
      ),
    ]);
  });

  test('checks the certificate and the hosted zone of their own load balancers', async () => {
    expect((await said(certificate(), own({ certificateArn }))).lines).toEqual([
      expect.stringMatching(
        /^certificate: The certificate of services\.reports\.loadBalancer\.certificateArn /,
      ),
    ]);
    await lastAccount()?.stop();
    const hostedZone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };
    const GetHostedZone = '<HostedZone><Name>example.org.</Name></HostedZone>';
    expect((await said({ ...certificate(), GetHostedZone }, own({ hostedZone }))).lines).toEqual([
      expect.stringMatching(/^hosted zone: .* Correct services\.reports\.loadBalancer\.hostedZone\.id or /),
    ]);
  });
});
