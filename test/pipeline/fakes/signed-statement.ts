import { createHash } from 'node:crypto';
import type { BaseImage } from '../../../lib/aws/provenance/base-images.ts';
import { makeStatement } from '../../../lib/aws/provenance/statement.ts';
import { makeUnchanged } from '../../../lib/aws/provenance/unchanged.ts';
import { sourceAddress } from '../../../lib/config/index.ts';
import type { NamedImage } from '../../../lib/config/provenance-names.ts';
import type { DeliveryRecord } from '../../../local/pipeline/aws/delivery-record.ts';
import { sealedByKms } from '../../aws/sealed-by-kms.ts';
import { deployment } from '../release-harness.ts';
import { writtenBase } from './built-delivery.ts';

interface StatedFacts {
  readonly revision: string;
  readonly sbom: string;
  readonly inputs?: string;
  readonly baseImages?: readonly BaseImage[];
}

/** A statement about an image as the pipeline makes it, signed with the key of a delivery record. */
export function signedStatement(
  delivery: DeliveryRecord,
  { name, digest }: NamedImage,
  { revision, sbom, inputs, baseImages = [writtenBase] }: StatedFacts,
): Promise<string> {
  const statement = makeStatement({
    name: `111111111111.dkr.ecr.eu-central-1.amazonaws.com/${name}`,
    digest,
    repository: sourceAddress(deployment),
    revision,
    builder: 'arn:aws:codebuild:…:project/x',
    build: 'arn:aws:codebuild:…:build/x:1',
    baseImages,
    pipeline: 'windows-auth',
    execution: 'e-1',
    inputs,
    startedOn: '2026-01-01T00:00:00.000Z',
    finishedOn: '2026-01-01T00:10:00.000Z',
    sbom: { uri: 's3://x', sha256: createHash('sha256').update(sbom).digest('hex') },
    scan: {
      verdict: 'passed',
      threshold: 'HIGH',
      counts: { LOW: 2 },
      accepted: [{ id: 'CVE-2026-1', reason: 'Nothing here calls what it is in.', until: '2026-12-31' }],
    },
    gates: { Tests: 'arn:aws:codebuild:…:build/tests:1' },
  });
  return signed(delivery, statement);
}

/** The statement that a commit left an image unchanged, signed with the key of a delivery record. */
export function signedUnchanged(
  delivery: DeliveryRecord,
  { name, digest }: NamedImage,
  { revision, builtOf, inputs }: Readonly<Record<'revision' | 'builtOf' | 'inputs', string>>,
): Promise<string> {
  const statement = makeUnchanged({
    name: `111111111111.dkr.ecr.eu-central-1.amazonaws.com/${name}`,
    digest,
    repository: sourceAddress(deployment),
    revision,
    inputs,
    builtOf: { revision: builtOf, build: 'arn:aws:codebuild:…:build/x:1' },
    pipeline: 'windows-auth',
    execution: 'e-2',
    scan: { verdict: 'passed', threshold: 'HIGH', counts: {}, accepted: [] },
    gates: { Tests: 'arn:aws:codebuild:…:build/tests:2' },
  });
  return signed(delivery, statement);
}

const signed = ({ operations }: DeliveryRecord, statement: object) =>
  sealedByKms(operations, JSON.stringify(statement));
