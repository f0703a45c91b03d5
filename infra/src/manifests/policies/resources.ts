// Every container says what it needs and how much memory it may take. CPU has no limit on purpose: a limit would stop a gateway for
// tenths of a second at a time, which miners see as latency, while the node has CPU to spare.
import { at, nameOf, textAt, type Finding, type JsonObject, type Manifest } from '../manifest.ts';
import { parseQuantity } from '../quantity.ts';
import { containersOf, workloadsOf } from '../workloads.ts';

const WANTED = [
  ['requests', 'cpu'],
  ['requests', 'memory'],
  ['limits', 'memory'],
] as const;

export function resources(manifests: readonly Manifest[]): Finding[] {
  return workloadsOf(manifests).flatMap((workload) =>
    containersOf(workload)
      .flatMap(faultsOf)
      .map((message) => ({ rule: 'resources', object: nameOf(workload.manifest), message })),
  );
}

function faultsOf(container: JsonObject): string[] {
  const faults: string[] = [];
  const given = (kind: string, what: string) => {
    const value = at(container, 'resources', kind, what);
    return value === undefined ? undefined : String(value);
  };
  for (const [kind, what] of WANTED) {
    const text = given(kind, what);
    if (text === undefined) faults.push(`resources.${kind}.${what} is missing`);
    else if (parseQuantity(text) === undefined) faults.push(`resources.${kind}.${what} is no quantity: ${text}`);
  }
  const [request, limit] = [given('requests', 'memory'), given('limits', 'memory')].map((text) =>
    parseQuantity(text ?? ''),
  );
  if (request !== undefined && limit !== undefined && request > limit)
    faults.push('resources.requests.memory is above its limit');
  return faults.map((fault) => `container ${textAt(container, 'name')}: ${fault}`);
}
