export function cleanEnvironment(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
export function checkSurroundings(needs: { readonly addon: boolean; readonly room: number }): void;
