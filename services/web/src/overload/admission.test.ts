import { expect, test } from 'vitest';
import { Admission } from './admission.ts';

/** A service that answers `perSecond` requests a second, one after another, and gets more than it can bear. */
function serve(admission: Admission, clock: { now: number }, perSecond: number, seconds: number) {
  const leaving: { leave: () => void; entered: number }[] = [];
  const waits: number[] = [];
  const end = clock.now + seconds * 1000;
  while (clock.now < end) {
    // Each visitor turned away is immediately replaced by another.
    for (let leave = admission.enter(); leave; leave = admission.enter()) {
      leaving.push({ leave, entered: clock.now });
    }
    clock.now += 1000 / perSecond;
    const first = leaving.shift();
    first?.leave();
    if (first) waits.push(clock.now - first.entered);
  }
  for (const { leave } of leaving) leave();
  return waits.slice(Math.floor(waits.length / 2)).sort((a, b) => a - b);
}

test.each([2000, 500, 200])(
  'at %i answers a second nobody inside waits longer than a visitor does',
  (perSecond) => {
    const clock = { now: 0 };
    const admission = new Admission({ least: 10, most: 1000, now: () => clock.now });
    const waits = serve(admission, clock, perSecond, 60);
    expect(waits[Math.floor(waits.length * 0.99)]).toBeLessThan(1000);
    expect(waits.length).toBeGreaterThan(perSecond * 29);
  },
);

test('when the database is fast again, as many are admitted as before', () => {
  const clock = { now: 0 };
  const admission = new Admission({ least: 10, most: 110, now: () => clock.now });
  serve(admission, clock, 50, 30);
  expect(admission.limit).toBeLessThan(40);
  serve(admission, clock, 2000, 20);
  expect(admission.limit).toBe(110);
});

test('a minimum is always admitted, however slow, and a request that leaves makes room', () => {
  const clock = { now: 0 };
  const admission = new Admission({ least: 10, most: 110, now: () => clock.now });
  serve(admission, clock, 1, 600);
  expect(admission.limit).toBe(10);
  expect(admission.inside).toBe(0);
  const inside = Array.from({ length: 10 }, () => admission.enter());
  expect(admission.enter()).toBeUndefined();
  inside[0]?.();
  expect(admission.enter()).toBeDefined();
});

test('a slow answer now and then changes nothing', () => {
  const clock = { now: 0 };
  const admission = new Admission({ least: 10, most: 110, now: () => clock.now });
  for (let count = 0; count < 1000; count += 1) {
    const leave = admission.enter();
    clock.now += count % 20 === 0 ? 900 : 10;
    leave?.();
  }
  expect(admission.limit).toBe(110);
});

test('a process whose event loop lags admits fewer', () => {
  const clock = { now: 0 };
  let lag = 0;
  const admission = new Admission({ least: 10, most: 110, lag: () => lag, now: () => clock.now });
  serve(admission, clock, 500, 10);
  expect(admission.limit).toBe(110);
  lag = 350;
  serve(admission, clock, 500, 10);
  expect(admission.limit).toBeLessThan(40);
});
