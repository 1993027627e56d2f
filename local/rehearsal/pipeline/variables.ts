/** The variables that actions export, by namespace, as CodePipeline keeps them during an execution. */
export class PipelineVariables {
  readonly #values = new Map<string, string>();

  export(namespace: string | undefined, variables: Readonly<Record<string, string>>): void {
    if (namespace === undefined) return;
    for (const [name, value] of Object.entries(variables)) this.#values.set(`${namespace}.${name}`, value);
  }

  /**
   * Replaces `#{namespace.variable}`, as CodePipeline does before an action starts.
   *
   * @throws Error that names the variable if no action has exported it
   */
  resolve(text: string): string {
    return text.replaceAll(/#\{([^}]+)\}/g, (_, name: string) => {
      const value = this.#values.get(name);
      if (value === undefined)
        throw new Error(`The pipeline variable ${name} has no value: no action has exported it.`);
      return value;
    });
  }
}
