/** Sleeps until a time of day, and can be woken. */
export interface Sleeper {
  until(time: Date): Promise<void>;
  /** Ends the present sleep, or the next one at once. */
  wake(): void;
}

/** A clock that is set, or a machine that was suspended, is noticed within this time. */
const longestNap = 30_000;

/** @param now the clock that the times are of, which may be set while it sleeps */
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
