import { LoginError } from '../errors/login-error.ts';

/** A GSSAPI security context as npm `kerberos` offers it; tokens are base64. */
export interface NativeContext {
  readonly contextComplete: boolean;
  step(challenge: string): Promise<string | null>;
}

/** The part of npm `kerberos` that is used here. Declared so that its types need not be installed. */
export interface NativeModule {
  readonly GSS_MECH_OID_KRB5: number;
  readonly GSS_MECH_OID_SPNEGO: number;
  readonly GSS_C_MUTUAL_FLAG: number;
  readonly GSS_C_REPLAY_FLAG: number;
  readonly GSS_C_SEQUENCE_FLAG: number;
  initializeClient(
    service: string,
    options: { principal?: string; flags: number; mechOID: number },
  ): Promise<NativeContext>;
}

// A variable, so that neither TypeScript nor a bundler requires the package.
const packageName = 'kerberos';

let loaded: Promise<NativeModule> | undefined;

/**
 * Loads npm `kerberos` on first use.
 *
 * @throws LoginError `NATIVE_MODULE_MISSING` if it is not installed, not compiled, or finds no Kerberos library
 */
export async function loadNativeModule(
  load: () => Promise<{ default: NativeModule }> = () => import(packageName),
): Promise<NativeModule> {
  loaded ??= load().then((module) => module.default);
  try {
    return await loaded;
  } catch (cause) {
    loaded = undefined;
    throw new LoginError('NATIVE_MODULE_MISSING', {
      message: 'Kerberos needs the package "kerberos", which is not installed or could not be loaded.',
      step: 'ticket',
      cause,
    });
  }
}
