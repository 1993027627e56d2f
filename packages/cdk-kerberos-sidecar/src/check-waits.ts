import { Stack } from 'aws-cdk-lib';
import type { ContainerDefinition } from 'aws-cdk-lib/aws-ecs';

/** @returns a sentence if containers of a task wait for each other in a circle, which ECS refuses */
export function waitProblems(all: readonly ContainerDefinition[]): string[] {
  const waitsFor = new Map(all.map((container) => [container.containerName, awaitedBy(container)]));
  const circle = circleIn(waitsFor);
  return circle
    ? [
        `KerberosSidecar: containers wait for each other in a circle (${circle.join(' → ')}), so none of them starts. Served ` +
          'containers wait for the sidecar, so the sidecar must not wait for them, directly or indirectly.',
      ]
    : [];
}

function awaitedBy(container: ContainerDefinition): string[] {
  const { dependsOn } = container.renderContainerDefinition();
  const inTemplate: { containerName: string }[] | undefined = Stack.of(container).resolve(dependsOn);
  return (inTemplate ?? []).map(({ containerName }) => containerName);
}

function circleIn(waitsFor: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const without = new Set<string>();
  const follow = (name: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (without.has(name)) return undefined;
    for (const next of waitsFor.get(name) ?? []) {
      const circle = follow(next, [...way, name]);
      if (circle) return circle;
    }
    without.add(name);
    return undefined;
  };
  for (const name of waitsFor.keys()) {
    const circle = follow(name, []);
    if (circle) return circle;
  }
  return undefined;
}
