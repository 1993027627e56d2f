/** Seconds without output after which a message is due. */
const quietSeconds = 8;

/** Prints a message if nothing has been printed for a while. */
export interface Heartbeat {
  /** Reports that something was just printed. */
  readonly heard: () => void;
  /** Prints this message if the last output was too long ago. */
  readonly beat: (word: () => string) => void;
}

/** @param now milliseconds */
export function heartbeat(
  say: (line: string) => void,
  now: () => number = () => performance.now(),
): Heartbeat {
  let last = now();
  const heard = () => {
    last = now();
  };
  return {
    heard,
    beat: (word) => {
      if (now() - last < quietSeconds * 1000) return;
      say(word());
      heard();
    },
  };
}
