/** Told, in a few words, what was done. It must not throw. */
export type Progress = (message: string) => void;

export const silent: Progress = () => {};
