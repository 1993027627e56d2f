import type { DataType, Parameter, ParameterData } from 'tedious/lib/data-type.js';

export type { DataType, Parameter, ParameterData };

type Collation = Parameters<DataType['validate']>[1];
type Options = Parameters<NonNullable<DataType['resolve']>>[2];

/** Changes to a tedious type. */
export interface Refinement {
  /**
   * Returns the value to send for a value that is not null, or throws an error whose message is a complete sentence.
   *
   * @param options undefined if the parameter has been declared already
   */
  check(value: unknown, collation: Collation, options?: Options): unknown;
  /**
   * Returns length, precision and scale of a parameter whose value has been checked. Throws if the value does not fit.
   *
   * @param options undefined if the parameter has been declared already
   */
  declare?(
    parameter: Parameter,
    options?: Options,
  ): Partial<Pick<ParameterData, 'value' | 'length' | 'precision' | 'scale'>>;
  readonly writeValue?: DataType['writeValue'];
}

/** Wraps a tedious type so that it rejects values that tedious would change on the way to the server. */
export function refine(type: DataType, { check, declare, writeValue }: Refinement): DataType {
  const declared = (parameter: Parameter, options?: Options) => ({
    ...parameter,
    ...declare?.(parameter, options),
  });
  return {
    ...type,
    ...(writeValue ? { writeValue } : {}),
    validate: (value, collation, options) =>
      value === null || value === undefined ? null : check(value, collation, options),
    declaration: (parameter) => type.declaration(declared(parameter)),
    resolve(parameter, collation, options) {
      const valid = { ...parameter, value: this.validate(parameter.value, collation, options) };
      const checked = declared(valid, options);
      const { value, length, precision, scale } = checked;
      const data: ParameterData = { value };
      if (length !== undefined) data.length = length;
      if (precision !== undefined) data.precision = precision;
      if (scale !== undefined) data.scale = scale;
      if (collation) data.collation = collation;
      return data;
    },
  };
}

/** Formats a value for an error message: short, and without the content of a string of more than 40 characters. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  if (typeof value === 'object' && value !== null)
    return `an object (${value.constructor?.name ?? 'without a class'})`;
  return typeof value === 'function' ? 'a function' : String(value);
}
