import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type AwsEndpoint, startAwsEndpoint } from '../../../local/pipeline/aws/aws-endpoint.ts';
import { bucketOperations } from '../../../local/pipeline/aws/bucket-operations.ts';
import type { DeliveryRecord } from '../../../local/pipeline/aws/delivery-record.ts';
import { sourceAction } from '../invariants/order.ts';
import { type ActionRun, runAction } from '../run-action.ts';
import { variant } from '../variants.ts';
import { nodeAdvisoriesAt, writeNodeAdvisories, writtenSboms, writtenSource } from './built-delivery.ts';

/** The bucket of the statements in the example. */
export const statementBucket = 'windows-auth-provenance-111111111111-eu-central-1';

interface SigningOptions {
  /** The folder of the buckets. */
  readonly folder: string;
  readonly endpoint: AwsEndpoint;
  readonly execution: { readonly id: string; readonly revision: string };
  readonly source: string;
  /** The artifacts of the image builds, as folders. */
  readonly sboms: Readonly<Record<string, string>>;
  /** The programs of the pipeline, bundled. */
  readonly tools: string;
}

/** Runs the build that signs the images of an execution. */
export function signDelivery(options: SigningOptions): Promise<ActionRun> {
  const { folder, endpoint, execution, source, sboms, tools } = options;
  const {
    namespace,
    outputs: [sourceArtifact = ''],
  } = sourceAction(variant('the example').pipeline);
  return runAction('Provenance/Sign', {
    directory: folder,
    variables: {
      [namespace]: { CommitId: execution.revision },
      codepipeline: { PipelineExecutionId: execution.id },
    },
    aws: { ...endpoint.environment, ...nodeAdvisoriesAt(endpoint.url), HOME: folder },
    sources: { ...sboms, [sourceArtifact]: source, Tools_Source: tools },
  });
}

/**
 * A delivery with signed images, for tests that start from there: the signing build runs once, and each test gets a copy of
 * its results.
 */
export class SignedDelivery {
  readonly #delivery: DeliveryRecord;
  readonly #folder = mkdtempSync(join(tmpdir(), 'signed-'));

  private constructor(delivery: DeliveryRecord) {
    this.#delivery = delivery;
  }

  /**
   * Signs the newest execution of a delivery, with the source and the bills of materials as `built-delivery.ts` writes them.
   *
   * @param tools the folder of the pipeline's programs, bundled
   */
  static async of(delivery: DeliveryRecord, tools: string): Promise<SignedDelivery> {
    const signed = new SignedDelivery(delivery);
    const folder = signed.#folder;
    const [execution = { id: '', revision: '' }] = delivery.executions;
    writeNodeAdvisories(folder);
    const endpoint = await startAwsEndpoint({ ...delivery.operations, ...bucketOperations(folder) });
    try {
      const [source, sboms] = [writtenSource(folder), writtenSboms(folder)];
      const { status, log } = await signDelivery({ folder, endpoint, execution, source, sboms, tools });
      expect(status, log).toBe('SUCCEEDED');
    } finally {
      await endpoint.stop();
    }
    return signed;
  }

  /** A copy of the delivery record, with the key that signed. */
  get delivery(): DeliveryRecord {
    return this.#delivery.copy();
  }

  /** Copies the statements, and what is stored with them, to their bucket below this folder. */
  copyTo(folder: string): void {
    cpSync(join(this.#folder, statementBucket), join(folder, statementBucket), { recursive: true });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
