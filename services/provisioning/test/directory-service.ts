import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { DirectoryServiceClient } from '@aws-sdk/client-directory-service';
import type { Fault } from '../../../local/secrets-manager/faults.ts';
import { createJsonClient } from '../src/aws/json-client.ts';
import { createAwsDirectory } from '../src/directory/aws-directory.ts';
import { type Directory, UserExistsError } from '../src/directory/directory.ts';
import { createYoungDirectory } from './young-directory.ts';

export interface DirectoryServiceOptions {
  /** The domain behind the service: a real one, or `createMemoryDomain()`. */
  readonly domain: Directory;
  readonly faults?: (operation: string) => Fault | undefined;
  /** Calls for which a new user is still invisible, and a deleted one still visible; default 0. */
  readonly staleCalls?: number;
  /** How many answers each phase of a directory's first minutes lasts; default 0: they are over. */
  readonly young?: number;
  /** Initial status of its data access; default `Enabled`. */
  readonly dataAccess?: string;
  /** Whether a lock can be lifted, which the service's reference does not say; default: no. */
  readonly lockoutTimeMayBeWritten?: boolean;
}

export interface DirectoryService {
  readonly endpoint: string;
  readonly directory: Directory;
  /** Operations that took effect, in order. */
  readonly done: readonly string[];
  stop(): Promise<void>;
}

export const directoryId = 'd-0123456789';
const region = 'eu-central-1';
const credentials = { accessKeyId: 'LOCAL', secretAccessKey: 'local' };

class Refusal extends Error {
  readonly reason: string | undefined;

  constructor(name: string, reason?: string) {
    super('On purpose, or by a rule of the service.');
    this.name = name;
    this.reason = reason;
  }
}

type Body = Readonly<Record<string, unknown>>;
type Operation = (body: Body) => Promise<object>;

/**
 * Answers as AWS Directory Service (AWS JSON 1.1, 2015-04-16) and its Data API (REST JSON, 2023-05-31) do, for the
 * operations that provisioning uses, and returns the directory as provisioning sees it.
 *
 * It keeps these rules of the services: a client token makes a request idempotent, and with other parameters it is a
 * conflict; a new user has no password and is disabled; a new user is not visible everywhere immediately; passwords
 * must meet the policy.
 */
export async function startDirectoryService(options: DirectoryServiceOptions): Promise<DirectoryService> {
  const { domain, faults, staleCalls = 0, young = 0, dataAccess = 'Enabled' } = options;
  const { lockoutTimeMayBeWritten = false } = options;
  const directory = createYoungDirectory(young, dataAccess);
  const tokens = new Map<string, Body>();
  const done: string[] = [];
  let unseen = 0;
  function seen(): boolean {
    if (unseen === 0) return true;
    unseen -= 1;
    return false;
  }

  /** @returns whether the request repeats an earlier one */
  function repeats(operation: string, body: Body): boolean {
    const key = `${operation} ${body.ClientToken}`;
    const known = tokens.get(key);
    if (known && !isDeepStrictEqual(known, body)) throw new Refusal('ConflictException');
    tokens.set(key, body);
    return known !== undefined;
  }

  const operations: Readonly<Record<string, Operation>> = {
    async ResetUserPassword({ UserName, NewPassword }) {
      const user = seen() ? await domain.findUser(String(UserName)) : undefined;
      if (!user) throw new Refusal('UserDoesNotExistException');
      if (!meetsPolicy(String(NewPassword))) throw new Refusal('InvalidPasswordException');
      await domain.setPassword(user.username, String(NewPassword));
      return {};
    },

    async DescribeUser({ SAMAccountName }) {
      const user = seen() ? await domain.findUser(String(SAMAccountName)) : undefined;
      if (!user) throw new Refusal('ResourceNotFoundException');
      return {
        SAMAccountName,
        OtherAttributes: user.owner === undefined ? {} : { physicalDeliveryOfficeName: { S: user.owner } },
      };
    },

    async CreateUser(body) {
      if (repeats('CreateUser', body)) return {};
      const attributes = body.OtherAttributes as { physicalDeliveryOfficeName: { S: string } };
      try {
        await domain.createUser({
          username: String(body.SAMAccountName),
          owner: attributes.physicalDeliveryOfficeName.S,
        });
      } catch (error) {
        throw error instanceof UserExistsError ? new Refusal('ConflictException') : error;
      }
      unseen = staleCalls;
      return {};
    },

    async UpdateUser(body) {
      if (repeats('UpdateUser', body)) return {};
      const { lockoutTime } = body.OtherAttributes as { lockoutTime?: { N: number } };
      if (!lockoutTimeMayBeWritten || lockoutTime?.N !== 0) throw new Refusal('ValidationException');
      await domain.unlock(String(body.SAMAccountName));
      return {};
    },

    async DeleteUser(body) {
      if (repeats('DeleteUser', body)) return {};
      const name = String(body.SAMAccountName);
      if (!(await domain.findUser(name))) throw new Refusal('ResourceNotFoundException');
      await domain.deleteUser(name);
      return {};
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await json(request)) as Body;
    const target = request.headers['x-amz-target'] ?? new URL(request.url ?? '', 'http://x').pathname;
    const operation = String(target).split(/[./]/).at(-1) ?? '';
    const fault = faults?.(operation);
    try {
      if (fault === 'cut-before') return void request.socket.destroy();
      if (fault === 'silent') return;
      if (fault === 'throttle') throw new Refusal('ThrottlingException');
      if (fault === 'refuse-before') throw new Refusal('OnPurposeException');
      const refusal = directory.refusal(operation);
      if (refusal) throw new Refusal(refusal.name, refusal.reason);
      const run = operations[operation] ?? directory.operations[operation];
      if (!run) throw new Refusal('UnknownOperationException');
      const output = await run(body);
      done.push(operation);
      if (fault === 'cut-after') return void request.socket.destroy();
      if (fault === 'refuse-after') throw new Refusal('OnPurposeException');
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(output));
    } catch (error) {
      const { name, message } =
        fault === 'refuse-after' ? new Refusal('OnPurposeException') : (error as Error);
      const Reason = error instanceof Refusal ? error.reason : undefined;
      response
        .writeHead(error instanceof Refusal ? 400 : 500, { 'x-amzn-errortype': `${name}:` })
        .end(JSON.stringify({ __type: name, message, Reason }));
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    directory: createAwsDirectory({
      directoryId,
      domainName: domain.domainName,
      directoryService: new DirectoryServiceClient({ region, endpoint, credentials }),
      directoryData: createJsonClient({ service: 'ds-data', region, endpoint, credentials }),
      limit: 5000,
    }),
    done,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** AWS Managed Microsoft AD's default policy: at least seven characters, of at least three of five kinds. */
export function meetsPolicy(password: string): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password));
  return password.length >= 7 && password.length <= 127 && kinds.length >= 3;
}

export interface MemoryDomain extends Directory {
  readonly users: ReadonlyMap<string, { readonly owner: string; readonly password: string | undefined }>;
}

/** A domain that consists of a list of users in memory. */
export function createMemoryDomain(): MemoryDomain {
  const users = new Map<string, { owner: string; password: string | undefined }>();
  return {
    users,
    domainName: 'corp.example.com',
    async prepare() {},
    async findUser(username) {
      const user = users.get(username);
      return user && { username, owner: user.owner };
    },
    async createUser({ username, owner }) {
      if (users.has(username)) throw new UserExistsError(`The user ${username} exists.`);
      users.set(username, { owner, password: undefined });
    },
    async unlock() {},
    async setPassword(username, password) {
      const user = users.get(username);
      if (!user) throw new Error(`There is no user ${username}.`);
      user.password = password;
    },
    async deleteUser(username) {
      users.delete(username);
    },
  };
}
