import { AwsFault, type Operations } from '../../../local/pipeline/aws/aws-endpoint.ts';

/** Wraps the operations so that each is throttled `times` times before it answers. */
export function throttled(operations: Operations, times: number): Operations {
  return wrap(operations, () => {
    let left = times;
    return () => {
      if (left-- > 0) throw new AwsFault('ThrottlingException', 'Rate exceeded');
    };
  });
}

/** Wraps the operations so that the named one fails. */
export function failing(operations: Operations, name: string, fault: AwsFault): Operations {
  return wrap(operations, (operation) => () => {
    if (operation === name) throw fault;
  });
}

function wrap(operations: Operations, guard: (operation: string) => () => void): Operations {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => {
      const check = guard(name);
      return [
        name,
        (input: Record<string, unknown>) => {
          check();
          return operation(input);
        },
      ];
    }),
  );
}
