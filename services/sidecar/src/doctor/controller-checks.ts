import { connect } from 'node:net';
import { type Configuration, KdcClient, KerberosError, type Principal, probeKdc } from 'kerberos-client';
import { clockAhead, clockDifference, passed, skipped } from 'tedious-kerberos/doctor';
import type { Finding } from 'tedious-kerberos/doctor/report';
import { concern, problem } from './findings.ts';
import type { Controller } from './name-checks.ts';

export interface ProbeOptions {
  readonly check: string;
  readonly controllers: readonly Controller[];
  /**
   * The principal to ask the controllers about. The requests carry no proof of its identity, so this is not a sign-in.
   */
  readonly client: Principal;
  /** A krb5.conf that lists only this controller. */
  readonly configurationFor: (controller: Controller) => Configuration;
  readonly timeoutMilliseconds: number;
}

interface Probed {
  readonly controller: Controller;
  readonly finding: (isNeeded: boolean) => Finding;
  /** Milliseconds by which this machine's clock is ahead of the controller's, if the controller sent its time. */
  readonly ahead: number | undefined;
  readonly works: boolean;
}

/** KRB-ERROR 68 (RFC 6806, section 9). */
const WRONG_REALM = 68;
/** Milliseconds (RFC 4120, section 8.2). */
const clockSkew = 300_000;

/**
 * Checks that each domain controller answers on its Kerberos port and serves its domain; `good` holds those that do.
 */
export async function probeControllers(
  options: ProbeOptions,
): Promise<{ findings: readonly Finding[]; good: readonly Controller[]; clocks: readonly Clock[] }> {
  const probed = await Promise.all(options.controllers.map((controller) => probe(options, controller)));
  const good = probed.filter(({ works }) => works).map(({ controller }) => controller);
  return {
    // If one works, clients skip those that are down, so these are only warnings.
    findings: probed.map(({ finding }) => finding(good.length === 0)),
    good,
    clocks: probed.flatMap(({ controller, ahead }) => (ahead === undefined ? [] : [{ controller, ahead }])),
  };
}

export interface Clock {
  readonly controller: Controller;
  readonly ahead: number;
}

/** Compares this machine's clock with those of the domain controllers. */
export function examineClocks(check: string, clocks: readonly Clock[]): Finding {
  const [first] = clocks;
  if (!first) return skipped(check, 'No domain controller has told its time.');
  const worst = clocks.reduce(
    (most, next) => (Math.abs(next.ahead) > Math.abs(most.ahead) ? next : most),
    first,
  );
  const detail = `This clock is ${clockDifference(worst.ahead)} that of ${worst.controller.host}.`;
  return Math.abs(worst.ahead) > clockSkew ? problem(check, 'CLOCK_SKEW', detail) : passed(check, detail);
}

async function probe(
  { check, client, configurationFor, timeoutMilliseconds }: ProbeOptions,
  controller: Controller,
): Promise<Probed> {
  const where = `${controller.host}:${controller.port}`;
  const lost = (code: Parameters<typeof problem>[1], detail: string): Probed => ({
    ...{ controller, ahead: undefined, works: false },
    finding: (isNeeded) => (isNeeded ? problem : concern)(check, code, detail),
  });
  const fault = await connectFault(controller, timeoutMilliseconds);
  if (fault === 'ECONNREFUSED') return lost('CONTROLLER_REFUSES', `${where} refuses connections.`);
  if (fault) return lost('CONTROLLER_SILENT', `${where} cannot be reached (${fault}).`);
  try {
    const kdc = new KdcClient({ configuration: configurationFor(controller), timeoutMilliseconds });
    const asked = Date.now();
    const report = await probeKdc(kdc, client);
    if (report?.code === WRONG_REALM) {
      return lost('REALM_WRONG', `${where} serves the realm ${report.realm}, not ${client.realm}.`);
    }
    return {
      ...{ controller, works: true },
      ahead: report && clockAhead(report.serverTime.getTime(), asked, Date.now()),
      finding: () => passed(check, `${where} answers as a Key Distribution Center.`),
    };
  } catch (error) {
    if (!(error instanceof KerberosError)) throw error;
    return error.code === 'KDC_UNREACHABLE'
      ? lost('CONTROLLER_ANSWERS_NOTHING', `${where} takes connections and does not answer: ${error.message}`)
      : lost('CONTROLLER_FOREIGN', `${where} does not speak Kerberos: ${error.message}`);
  }
}

/** @returns why the connection failed: a system error code or a short text; `undefined` if it succeeded */
function connectFault({ host, port }: Controller, timeoutMilliseconds: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (fault?: string) => {
      socket.destroy();
      resolve(fault);
    };
    socket.setTimeout(timeoutMilliseconds, () => settle(`no answer in ${timeoutMilliseconds / 1000} s`));
    socket.once('connect', () => settle());
    socket.once('error', (error) => {
      const last = error instanceof AggregateError ? error.errors.at(-1) : error;
      settle((last as NodeJS.ErrnoException).code ?? last.message);
    });
  });
}
