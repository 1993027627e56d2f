import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backOff } from './back-off.ts';
import { isTgtDue, renewalTime } from './renewal-time.ts';
import { createSleeper } from './sleeper.ts';

const startsAt = new Date('2026-01-01T00:00:00Z');
const lasting = (seconds: number) => ({ startsAt, endsAt: new Date(startsAt.getTime() + seconds * 1000) });
const after = (seconds: number) => new Date(startsAt.getTime() + seconds * 1000);
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the time of renewal', () => {
  test('is the fraction of the real lifetime, whatever the lifetime', () => {
    expect(renewalTime(lasting(36_000), 0.5, 0)).toEqual(after(18_000));
    expect(renewalTime(lasting(60), 0.5, 0)).toEqual(after(30));
  });

  test('is spread over a twentieth, and always before the end', () => {
    const fraction = fc.double({ min: 0.05, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 86_400 }), fraction, chance, (lifetime, part, luck) => {
        const seconds = (renewalTime(lasting(lifetime), part, luck).getTime() - startsAt.getTime()) / 1000;
        expect(seconds).toBeGreaterThanOrEqual(lifetime * part * 0.95 - 0.001);
        expect(seconds).toBeLessThanOrEqual(lifetime * part + 0.001);
      }),
    );
  });
});

describe('a TGT is due', () => {
  test('when a service ticket of the same age may be', () => {
    expect(isTgtDue(lasting(36_000), 0.5, after(17_000))).toBe(false);
    expect(isTgtDue(lasting(36_000), 0.5, after(17_100))).toBe(true);
  });

  test('before the last two minutes, in which Active Directory refuses it', () => {
    expect(isTgtDue(lasting(300), 0.9, after(174))).toBe(false);
    expect(isTgtDue(lasting(300), 0.9, after(175))).toBe(true);
  });
});

describe('the wait after a failure', () => {
  test('doubles from a second to a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => backOff(failures, 0) / 1000)).toEqual([
      1, 2, 4, 8, 16, 32, 60, 60, 60,
    ]);
  });

  test('is never under a second nor over a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), chance, (failures, luck) => {
        expect(backOff(failures, luck)).toBeGreaterThanOrEqual(1000);
        expect(backOff(failures, luck)).toBeLessThanOrEqual(60_000);
      }),
    );
  });
});

describe('the sleeper', () => {
  test('sleeps until the time, by the time of day', async () => {
    const until = Date.now() + 20;
    await createSleeper(() => new Date()).until(new Date(until));
    expect(Date.now()).toBeGreaterThanOrEqual(until);
  });

  test('can be woken, and does not sleep if it was woken before', async () => {
    const sleeper = createSleeper(() => new Date());
    const tomorrow = new Date(Date.now() + 86_400_000);
    const sleeping = sleeper.until(tomorrow);
    sleeper.wake();
    await sleeping;
    sleeper.wake();
    await sleeper.until(tomorrow);
  });
});
