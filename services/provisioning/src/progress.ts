/** Receives short messages about what was done. It must not throw. */
export type Progress = (message: string) => void;

export const silent: Progress = () => {};
