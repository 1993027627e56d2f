import { randomBytes } from 'node:crypto';
import type { Secret } from './secret.ts';
import { ServiceError } from './service-error.ts';

/** The account in the ARNs; it is not a real one. */
const account = '000000000000';

export interface SecretStoreOptions {
  readonly region: string;
  readonly secrets: readonly Secret[];
  /** How many reads after a write still see the state before it: the service is eventually consistent. */
  readonly staleReads: number;
  /** Called with all secrets after each change. */
  readonly onChange: (secrets: readonly Secret[]) => void;
}

/** Secrets by name or ARN. Reads may lag behind writes. */
export class SecretStore {
  readonly #options: SecretStoreOptions;
  readonly #secrets: Map<string, Secret>;
  #before: Map<string, Secret>;
  #staleReads = 0;

  constructor(options: SecretStoreOptions) {
    this.#options = options;
    this.#secrets = new Map(options.secrets.map((secret) => [secret.name, secret]));
    this.#before = this.#secrets;
  }

  /** For operations that read; may return the state before the last write. */
  read(id: string): Secret {
    const stale = this.#staleReads > 0;
    if (stale) this.#staleReads -= 1;
    return found(stale ? this.#before : this.#secrets, id);
  }

  /** For operations that write; uses the latest state. */
  write<Result>(id: string, change: (secret: Secret) => Result): Result {
    return this.#changing(() => change(found(this.#secrets, id)));
  }

  find(name: string): Secret | undefined {
    return this.#secrets.get(name);
  }

  /** Adds a secret. Its ARN ends in six random characters, as in the service. */
  add(name: string): Secret {
    const suffix = randomBytes(3).toString('hex');
    const arn = `arn:aws:secretsmanager:${this.#options.region}:${account}:secret:${name}-${suffix}`;
    const secret: Secret = { arn, name, versions: {}, labels: {} };
    this.#changing(() => this.#secrets.set(name, secret));
    return secret;
  }

  remove(name: string): void {
    this.#changing(() => this.#secrets.delete(name));
  }

  #changing<Result>(change: () => Result): Result {
    const before = structuredClone(this.#secrets);
    const result = change();
    if (this.#options.staleReads > 0) {
      this.#before = before;
      this.#staleReads = this.#options.staleReads;
    }
    this.#options.onChange([...this.#secrets.values()]);
    return result;
  }
}

/** Finds a secret by name, by ARN, or by ARN without the six random characters. */
function found(secrets: ReadonlyMap<string, Secret>, id: string): Secret {
  const secret =
    secrets.get(id) ??
    [...secrets.values()].find(({ arn }) => arn === id || arn.replace(/-[0-9a-f]{6}$/, '') === id);
  if (!secret) {
    throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  return secret;
}
