import { randomBytes } from 'node:crypto';
import { ConfigurationError, type ServiceSettings } from '@packages/contracts';
import type { Logger } from 'pino';
import type { Pool } from 'tedious-kerberos';
import { readCertificateAuthorities } from './certificate-authorities.ts';
import { openDatabase } from './database.ts';
import { createLogger, type LoggerOptions } from './logger.ts';

/** Runs a service to its end. What is thrown ends the process with 1, in a sentence on stderr, without a stack trace. */
export async function runService(name: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(
      error instanceof ConfigurationError
        ? error.message
        : `The ${name} could not start: ${(error as Error).message}`,
    );
    process.exit(1);
  }
}

/** What a service that nobody asks anything works with. */
export interface Foundation {
  readonly logger: Logger;
  /** One connection: such a service does one thing after the other. */
  readonly database: Pool;
}

export interface FoundationOptions extends Pick<LoggerOptions, 'service' | 'lost'> {
  /** What SQL Server's lists of sessions call it. */
  readonly appName: string;
}

/**
 * Makes it from the service's settings; nothing is connected yet.
 *
 * @throws Error when the file of the authorities cannot be read
 */
export function foundationOf(
  settings: ServiceSettings,
  { appName, ...ofLog }: FoundationOptions,
): Foundation {
  const authorities = readCertificateAuthorities(settings, settings.SQL_TLS_NAME);
  const task = settings.TASK_NAME ?? randomBytes(4).toString('hex');
  return {
    logger: createLogger({ ...ofLog, level: settings.LOG_LEVEL, task }),
    database: openDatabase(settings, authorities, appName),
  };
}

/** What a log line says of work with the database that failed; `number` is there if SQL Server itself has refused. */
export function failureFields(error: unknown): {
  code: string | undefined;
  number: number | undefined;
  reason: string;
  remedy: string | undefined;
} {
  const { code, number, message, hint } = error as Error & {
    code?: string;
    number?: number;
    hint?: string;
  };
  return { code, number, reason: message, remedy: hint };
}
