import { createECDH, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { AwsFault, type Operations } from './aws-endpoint.ts';
import { type RegistryRecord, registryRecord } from './registry-record.ts';

/** One attempt of a build, as CodePipeline records it. */
export interface BuildRecord {
  readonly execution: string;
  readonly stage: string;
  readonly action: string;
  readonly status: 'Succeeded' | 'Failed' | 'InProgress';
  /** CodeBuild's id. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly startTime: number;
  readonly lastUpdateTime: number;
  readonly outputVariables?: Readonly<Record<string, string>>;
}

/**
 * What CodePipeline, the registry and KMS know about a delivery, for the programs that sign images. A test or the
 * rehearsal fills in the record, and the services' own operations return it. The key is a real one.
 */
export class DeliveryRecord {
  /** The executions with their revisions, newest first. */
  readonly executions: { readonly id: string; readonly revision: string }[] = [];
  /** Newest first. */
  readonly builds: BuildRecord[] = [];
  /** By `repository:tag`. */
  readonly images = new Map<string, RegistryRecord>();
  readonly publicKey: KeyObject;
  readonly #privateKey: KeyObject;

  constructor({ publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })) {
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  /** Returns a copy with the same key that can be changed independently. */
  copy(): DeliveryRecord {
    const copy = new DeliveryRecord({ publicKey: this.publicKey, privateKey: this.#privateKey });
    copy.executions.push(...this.executions);
    copy.builds.push(...this.builds);
    for (const [name, image] of this.images) copy.images.set(name, image);
    return copy;
  }

  get operations(): Operations {
    return {
      'CodePipeline.ListPipelineExecutions': () => ({
        pipelineExecutionSummaries: this.executions.map(({ id, revision }) => ({
          pipelineExecutionId: id,
          status: 'InProgress',
          sourceRevisions: [{ actionName: 'Source', revisionId: revision }],
        })),
      }),
      'CodePipeline.ListActionExecutions': ({ filter }) => {
        const { pipelineExecutionId } = filter as { pipelineExecutionId: string };
        const own = this.builds.filter(({ execution }) => execution === pipelineExecutionId);
        return { actionExecutionDetails: own.map(detail) };
      },
      ...registryRecord(this.images),
      ...signing(this.#privateKey, this.publicKey),
    };
  }
}

/** KMS with one key on the curve P-256. */
export function signing(privateKey: KeyObject, publicKey: KeyObject): Operations {
  return {
    'KMS.Sign': ({ Message, MessageType, SigningAlgorithm, KeyId }) => {
      if (MessageType !== 'DIGEST' || SigningAlgorithm !== 'ECDSA_SHA_256') {
        throw new AwsFault(
          'ValidationException',
          `${MessageType} with ${SigningAlgorithm} is not supported here.`,
        );
      }
      const digest = Buffer.from(String(Message), 'base64');
      return { KeyId, Signature: signDigest(digest, privateKey).toString('base64'), SigningAlgorithm };
    },
    'KMS.GetPublicKey': ({ KeyId }) => ({
      KeyId,
      PublicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
    }),
  };
}

function detail({ execution, stage, action, status, id, ...rest }: BuildRecord) {
  return {
    pipelineExecutionId: execution,
    stageName: stage,
    actionName: action,
    status,
    startTime: rest.startTime,
    lastUpdateTime: rest.lastUpdateTime,
    input: { actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' } },
    output: { executionResult: { externalExecutionId: id }, outputVariables: rest.outputVariables ?? {} },
  };
}

/** The order of the group of curve P-256. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * Signs an existing digest, which Node.js cannot do: ECDSA over P-256, in DER.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6979#section-2.4
 */
function signDigest(digest: Buffer, key: KeyObject): Buffer {
  const d = number(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'));
  const once = createECDH('prime256v1');
  const point = once.generateKeys();
  const r = number(point.subarray(1, 33)) % order;
  const inverse = power(number(once.getPrivateKey()), order - 2n);
  const s = (inverse * (number(digest) + r * d)) % order;
  const both = Buffer.concat([integer(r), integer(s)]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]);
}

const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [b, e] = [base % order, exponent]; e > 0n; b = (b * b) % order, e >>= 1n) {
    if (e & 1n) result = (result * b) % order;
  }
  return result;
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  const positive = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}
