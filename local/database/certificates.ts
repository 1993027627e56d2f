import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const algorithms = {
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
} as const;

export type KeyKind = keyof typeof algorithms;
const dayMilliseconds = 86_400_000;

/** A server certificate with its key, and the CA that clients have to trust. */
export interface ServerCertificate {
  readonly key: string;
  readonly certificate: string;
  readonly caFile: string;
}

/**
 * Returns a certificate for the TLS name from our own CA, as RDS has one. It is created on first use and kept in
 * `directory` (the CA in `ca.pem`, keys with mode 0600); it is replaced when the name changes or less than a day of
 * validity is left.
 */
export async function serverCertificate(
  directory: string,
  tlsName: string,
  kind: KeyKind = 'ecdsa',
): Promise<ServerCertificate> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const caFile = join(directory, 'ca.pem');
  const keyFile = join(directory, 'server-key.pem');
  const certificateFile = join(directory, 'server.pem');
  if (
    ![caFile, keyFile, certificateFile].every((file) => existsSync(file)) ||
    !stillGood(certificateFile, tlsName)
  ) {
    const made = await makeCertificates(tlsName, kind);
    writeFileSync(caFile, made.ca);
    writeFileSync(certificateFile, made.certificate);
    writeFileSync(keyFile, made.key, { mode: 0o600 });
  }
  return { key: readFileSync(keyFile, 'utf8'), certificate: readFileSync(certificateFile, 'utf8'), caFile };
}

function stillGood(file: string, tlsName: string): boolean {
  const certificate = new x509.X509Certificate(readFileSync(file, 'utf8'));
  const names = certificate
    .getExtension(x509.SubjectAlternativeNameExtension)
    ?.names.items.map(({ value }) => value);
  return names?.includes(tlsName) === true && certificate.notAfter.getTime() > Date.now() + dayMilliseconds;
}

async function makeCertificates(tlsName: string, kind: KeyKind) {
  const algorithm = algorithms[kind];
  x509.cryptoProvider.set(webcrypto);
  const notBefore = new Date(Date.now() - 5 * 60_000);
  const notAfter = new Date(Date.now() + 30 * dayMilliseconds);
  const caKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Rehearsal database CA',
    notBefore,
    notAfter,
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [tlsName.slice(0, 64)] }],
    issuer: ca.subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: tlsName }]),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    ca: ca.toString('pem'),
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
  };
}
