import { expect, test } from 'vitest';
import { loadNativeModule, type NativeModule } from './native-module.ts';

test('if the package is missing, the message says so, and the hint what to install', async () => {
  const cause = Object.assign(new Error("Cannot find package 'kerberos'"), { code: 'ERR_MODULE_NOT_FOUND' });
  await expect(loadNativeModule(() => Promise.reject(cause))).rejects.toMatchObject({
    code: 'NATIVE_MODULE_MISSING',
    step: 'ticket',
    message: expect.stringContaining('needs the package "kerberos"'),
    hint: expect.stringContaining('npm install kerberos'),
    cause,
  });
});

test('a failure is not cached: once installed, the package is found', async () => {
  const module = { GSS_MECH_OID_SPNEGO: 6 } as NativeModule;
  await expect(loadNativeModule(() => Promise.reject(new Error('missing')))).rejects.toThrow();
  await expect(loadNativeModule(async () => ({ default: module }))).resolves.toBe(module);
});
