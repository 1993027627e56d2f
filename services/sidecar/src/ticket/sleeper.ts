/** Sleeps until a given time, and can be woken. */
export interface Sleeper {
  until(time: Date): Promise<void>;
  /** Ends the present sleep, or the next one as soon as it starts. */
  wake(): void;
}

/** Milliseconds within which a change of the clock or the machine's suspension is noticed. */
const longestNap = 30_000;

/** @param now the clock that the times refer to; it may be set during the sleep */
export function createSleeper(now: () => Date): Sleeper {
  let woken = false;
  let end: (() => void) | undefined;
  return {
    async until(time) {
      while (!woken && now() < time) {
        const nap = Math.min(longestNap, time.getTime() - now().getTime());
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, nap);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      woken = false;
    },
    wake() {
      woken = true;
      end?.();
    },
  };
}
