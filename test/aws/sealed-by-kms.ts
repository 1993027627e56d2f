import { seal, statementPayload } from '../../lib/aws/provenance/envelope.ts';
import type { Operation, Operations } from '../../local/pipeline/aws/aws-endpoint.ts';

/** Signs a text as the pipeline does, with a KMS key. */
export function sealedByKms(kms: Operations, text: string, type = statementPayload): Promise<string> {
  const sign = kms['KMS.Sign'] as Operation;
  return seal(type, text, async (digest) => {
    const input = {
      Message: digest.toString('base64'),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    };
    const { Signature } = (await sign(input)) as { Signature: string };
    return Buffer.from(Signature, 'base64');
  });
}
