import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../../../../local/processes/compile-cache.ts';
import type { ConnectionConfig, LoginError } from '../../src/index.ts';

export interface LoginRequest {
  readonly connection: Omit<ConnectionConfig, 'authenticator'>;
  readonly spn?: string;
  /** A statement to run after the login. */
  readonly sql?: string;
  /** Whether to use the machine's Kerberos library. */
  readonly native?: boolean;
  /** User and group ID of the process during the login. */
  readonly uid?: number;
}

export interface LoginOutcome {
  readonly rows?: readonly unknown[];
  readonly error?: Pick<LoginError, 'code' | 'message' | 'hint' | 'step' | 'gss' | 'server'>;
}

const script = fileURLToPath(new URL('./login-once.ts', import.meta.url));

/** Logs in from a process with this environment and nothing else of ours but PATH. */
export async function loginProcess(
  request: LoginRequest,
  environment: NodeJS.ProcessEnv,
): Promise<LoginOutcome> {
  const child = spawn(process.execPath, [script, JSON.stringify(request)], {
    env: { PATH: process.env.PATH, ...compileCache(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    return await firstLine(child);
  } finally {
    // A native call that waits for a KDC would keep the process from exiting.
    child.kill('SIGKILL');
  }
}

async function firstLine(child: ChildProcess): Promise<LoginOutcome> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  if (child.stdout) for await (const line of createInterface(child.stdout)) return JSON.parse(line);
  throw new Error(`The login process ended without an answer: ${complaint}`);
}
