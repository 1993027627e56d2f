import { randomBytes } from 'node:crypto';
import { ConfigurationError, type ServiceSettings } from '@packages/contracts';
import type { Logger } from 'pino';
import type { Pool } from 'tedious-kerberos';
import { readCertificateAuthorities } from './certificate-authorities.ts';
import { openDatabase } from './database.ts';
import { createLogger, type LoggerOptions } from './logger.ts';

/** Runs a service until it ends. If it throws, prints the message to stderr, without a stack trace, and exits with 1. */
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

/** What a service without incoming requests works with. */
export interface Foundation {
  readonly logger: Logger;
  /** A single connection, because such a service does one thing at a time. */
  readonly database: Pool;
}

export interface FoundationOptions extends Pick<LoggerOptions, 'service' | 'lost'> {
  /** The service's name in SQL Server's lists of sessions. */
  readonly appName: string;
}

/**
 * Makes logger and database from the service's settings, without connecting yet.
 *
 * @throws ConfigurationError if the authorities cannot be read
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

/** The log fields for failed work with the database. `number` is set if SQL Server itself reported the error. */
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
