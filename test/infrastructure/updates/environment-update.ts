import { replacesResource } from '../replacements.ts';
import type { Resource, SynthesizedTemplate } from '../template.ts';
import { type PhysicalOf, Published, publish, resolve, same } from './resolve.ts';

/** A resource before or after an update, with its properties resolved. */
export interface Physical {
  /** Stack and logical id, with a mark if the update creates it. Equal names mean the same resource on AWS. */
  readonly name: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly resource: Resource;
}

/** The effect of an update of all stacks of an environment, as CloudFormation carries it out. */
export interface EnvironmentUpdate {
  readonly before: readonly Physical[];
  readonly after: readonly Physical[];
  /** Resources of `before` that no longer exist afterwards, including replaced ones. */
  readonly leaving: readonly Physical[];
}

type Templates = ReadonlyMap<string, SynthesizedTemplate>;

/** @param before the templates by stack name, in the order of deployment */
export function environmentUpdate(before: Templates, after: Templates): EnvironmentUpdate {
  const sides = { before: [] as Physical[], after: [] as Physical[] };
  const published = { before: new Published(), after: new Published() };
  for (const stack of new Set([...before.keys(), ...after.keys()])) {
    const empty: SynthesizedTemplate = { Resources: {} };
    const [old, now] = [before.get(stack) ?? empty, after.get(stack) ?? empty];
    const oldName: PhysicalOf = (id) => `${stack}/${id}`;
    const resources = (
      template: SynthesizedTemplate,
      published: Published,
      physicalOf: PhysicalOf,
    ): Physical[] =>
      Object.entries(template.Resources).map(([id, resource]) => ({
        name: physicalOf(id),
        type: resource.Type,
        properties: (resolve(resource.Properties ?? {}, template, published, physicalOf) ?? {}) as Record<
          string,
          unknown
        >,
        resource,
      }));
    const oldOnes = resources(old, published.before, oldName);
    const fresh = new Set(Object.keys(now.Resources).filter((id) => !old.Resources[id]));
    const newName: PhysicalOf = (id) => `${stack}/${id}${fresh.has(id) ? ' (new)' : ''}`;
    let newOnes = resources(now, published.after, newName);
    // A replaced resource has another name, which may cause replacements of other resources in turn.
    for (let settled = false; !settled; ) {
      const ids = Object.keys(now.Resources);
      const replaced = ids.filter((id, index) => {
        const was = oldOnes.find(({ name }) => name === oldName(id));
        const is = newOnes[index];
        return !fresh.has(id) && was && is && mustReplace(was, is);
      });
      for (const id of replaced) fresh.add(id);
      settled = replaced.length === 0;
      newOnes = resources(now, published.after, newName);
    }
    sides.before.push(...oldOnes);
    sides.after.push(...newOnes);
    publish(stack, old, published.before, oldName);
    publish(stack, now, published.after, newName);
  }
  const there = new Set(sides.after.map(({ name }) => name));
  return { ...sides, leaving: sides.before.filter(({ name }) => !there.has(name)) };
}

function mustReplace(was: Physical, is: Physical): boolean {
  if (was.type !== is.type) return true;
  const names = new Set([...Object.keys(was.properties), ...Object.keys(is.properties)]);
  return [...names].some(
    (name) => replacesResource(is.type, name) && !same(was.properties[name], is.properties[name]),
  );
}
