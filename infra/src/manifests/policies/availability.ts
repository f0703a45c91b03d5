// A pod that is asked to go has the time it needs, more than one is never taken at once, and what scales a workload is the only one
// that says how many there are.
import { asList, asObject, at, nameOf, textAt, type Finding, type Manifest } from '../manifest.ts';
import { containersOf, mainContainersOf, selects, workloadsOf, type Workload } from '../workloads.ts';

/** Time between the end of the drain and the end of the pod, for what a process does on its way out. */
const SPARE_SECONDS = 5;

export function availability(manifests: readonly Manifest[]): Finding[] {
  const workloads = workloadsOf(manifests);
  const budgets = manifests.filter((manifest) => manifest.kind === 'PodDisruptionBudget');
  const scalers = manifests.filter(({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject');
  return workloads.flatMap((workload) => {
    const { manifest, longRunning } = workload;
    const scaler = scalers.find((each) => targetOf(each) === nameOf(manifest));
    const replicas = Number(at(manifest, 'spec', 'replicas') ?? 1);
    const several = longRunning && (scaler !== undefined || replicas > 1);
    const faults = [
      ...graceFaults(workload, manifests),
      ...(several
        ? budgetFaults(budgets.filter((budget) => selects(asObject(at(budget, 'spec', 'selector')), workload)))
        : []),
      ...(several && asList(workload.spec['topologySpreadConstraints']).length === 0
        ? ['its pods are spread over nothing']
        : []),
      ...(scaler !== undefined && at(manifest, 'spec', 'replicas') !== undefined
        ? [`replicas is set although ${nameOf(scaler)} scales it: every apply would undo that`]
        : []),
    ];
    return faults.map((message) => ({ rule: 'availability', object: nameOf(manifest), message }));
  });
}

function targetOf(scaler: Manifest): string {
  const target = at(scaler, 'spec', 'scaleTargetRef');
  return `${textAt(target, 'kind') || 'Deployment'}/${textAt(target, 'name')}`;
}

function budgetFaults(budgets: readonly Manifest[]): string[] {
  const [budget] = budgets;
  if (budget === undefined) return ['no PodDisruptionBudget is about its pods'];
  const unavailable = at(budget, 'spec', 'maxUnavailable');
  if (unavailable === 0 || unavailable === '0%' || at(budget, 'spec', 'minAvailable') === '100%')
    return ['its PodDisruptionBudget lets no node be drained'];
  return [];
}

/** preStop and the drain run inside the grace period, one after the other. */
function graceFaults(workload: Workload, manifests: readonly Manifest[]): string[] {
  const drain = drainSeconds(workload, manifests);
  if (drain === undefined) return [];
  const sleeps = mainContainersOf(workload).map((each) =>
    Number(at(each, 'lifecycle', 'preStop', 'sleep', 'seconds') ?? 0),
  );
  const needed = Math.max(0, ...sleeps) + drain + SPARE_SECONDS;
  const grace = Number(workload.spec['terminationGracePeriodSeconds'] ?? 30);
  if (grace >= needed) return [];
  return [
    `terminationGracePeriodSeconds is ${grace}, but preStop, drain and ${SPARE_SECONDS} s to spare take ${needed}`,
  ];
}

function drainSeconds(workload: Workload, manifests: readonly Manifest[]): number | undefined {
  const maps = containersOf(workload)
    .flatMap((container) => asList(container['envFrom']))
    .map((from) => textAt(from, 'configMapRef', 'name'));
  const values = manifests
    .filter(({ kind, metadata }) => kind === 'ConfigMap' && maps.includes(String(metadata['name'])))
    .map((map) => at(map, 'data', 'ASSAY_DRAIN_SECONDS'))
    .filter((value) => value !== undefined);
  return values.length === 0 ? undefined : Math.max(...values.map(Number));
}
