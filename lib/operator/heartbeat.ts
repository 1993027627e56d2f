/** Seconds of silence after which a word is said. */
const quietSeconds = 8;

/** Says a word where nothing has been printed for a while. */
export interface Heartbeat {
  /** Something was printed just now. */
  readonly heard: () => void;
  /** Says this when it has been quiet for too long. */
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
