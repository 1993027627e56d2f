import { delimiter } from 'node:path';
import { execa, type Options } from 'execa';

/** The engine that runs images here: podman with a store of its own, or an existing Docker daemon. */
export interface ContainerEngine {
  readonly name: 'docker' | 'podman';
  readonly version: string;
  /** The whole environment for the engine's commands. `docker` on its PATH is this engine, even if it is podman. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Runs one command of the engine and returns its standard output, trimmed.
   *
   * @throws Error with the end of the engine's error output
   */
  run(args: readonly string[], options?: EngineRunOptions): Promise<string>;
}

export interface EngineRunOptions {
  /** Added to the environment; use it for values that must not show up in a process list. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: Options['input'];
  /** Default: ten minutes, enough for a slow machine to build, load or save an image. */
  readonly timeoutMilliseconds?: number;
}

/**
 * Describes an engine by the environment of its command line.
 *
 * @param environment added to that of this process
 * @param commands a folder to put at the front of PATH
 */
export function containerEngine(
  name: ContainerEngine['name'],
  version: string,
  environment: Readonly<Record<string, string>> = {},
  commands?: string,
): ContainerEngine {
  const path = [commands, process.env.PATH].filter(Boolean).join(delimiter);
  const whole = { ...(process.env as Record<string, string>), ...environment, PATH: path };
  return {
    name,
    version,
    environment: whole,
    async run(args, { environment: added = {}, input, timeoutMilliseconds = 600_000 } = {}) {
      const result = await execa(name, args, {
        env: { ...whole, ...added },
        extendEnv: false,
        ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
        timeout: timeoutMilliseconds,
        reject: false,
      });
      if (result.exitCode === 0) return String(result.stdout).trim();
      const words = String(result.stderr).trim().split('\n').slice(-5).join('\n');
      const how = result.timedOut
        ? `did not end within ${timeoutMilliseconds / 1000} s`
        : `failed with exit code ${result.exitCode ?? 'none'}`;
      throw new Error(`${name} ${args[0]} ${how}: ${words || result.shortMessage}`);
    },
  };
}
