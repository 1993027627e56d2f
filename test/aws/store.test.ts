import { afterEach, expect, test } from 'vitest';
import { ProvenanceStore } from '../../lib/aws/provenance/store.ts';
import { builtOfKey, provenanceKeys } from '../../lib/config/provenance-names.ts';
import { AwsFault, HttpAnswer, startAwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import { keptEnvironment } from '../environment.ts';

const image = { name: 'windows-auth/web', digest: `sha256:${'a'.repeat(64)}` };
const inputs = 'b'.repeat(64);
const { sbom, statement } = provenanceKeys(image);
const keys = [sbom, statement, builtOfKey(image.name, inputs)];

const restore = keptEnvironment();
afterEach(restore);

/** The keys that are written before a write is refused. */
async function written(refused?: string): Promise<string[]> {
  const done: string[] = [];
  const endpoint = await startAwsEndpoint({
    'S3.PutObject': ({ Key }) => {
      if (Key === refused) throw new AwsFault('AccessDenied', 'No.', 403);
      done.push(String(Key));
      return new HttpAnswer();
    },
  });
  Object.assign(process.env, endpoint.environment);
  try {
    const store = new ProvenanceStore('provenance', { region: 'eu-central-1' });
    const kept = store.keep(image, { statement: 'statement', sbom: 'sbom', inputs });
    await (refused ? expect(kept).rejects.toThrow() : kept);
  } finally {
    await endpoint.stop();
  }
  return done;
}

test('the bill of materials is stored first, then the statement about it, then the pointer to the statement', async () => {
  expect(await written()).toEqual(keys);
});

test.each(keys)('when %s cannot be written, nothing that depends on it is', async (refused) => {
  expect(await written(refused)).toEqual(keys.slice(0, keys.indexOf(refused)));
});
