// Every image is pinned to a version, and those of this repository all to the version of the repository.
import { nameOf, textAt, type Finding, type Manifest } from '../manifest.ts';
import { containersOf, workloadsOf } from '../workloads.ts';

const OURS = /(^|\/)assay\/[a-z-]+[:@]/;

/** @param version that of package.json */
export function images(manifests: readonly Manifest[], version: string): Finding[] {
  const faults = workloadsOf(manifests).flatMap((workload) =>
    containersOf(workload).map(
      (container) => [workload.manifest, faultOf(textAt(container, 'image'), version)] as const,
    ),
  );
  const jobs = manifests
    .filter((manifest) => manifest.kind === 'Job' && textAt(manifest, 'metadata', 'name').startsWith('migrator'))
    .filter((manifest) => textAt(manifest, 'metadata', 'name') !== `migrator-${version.replaceAll('.', '-')}`)
    .map(
      (manifest) => [manifest, `the Job's name must carry the version ${version}: a Job cannot be changed`] as const,
    );
  return [...faults, ...jobs].flatMap(([manifest, message]) =>
    message === undefined ? [] : [{ rule: 'images', object: nameOf(manifest), message }],
  );
}

function faultOf(image: string, version: string): string | undefined {
  const [, tag, digest] = /^[^@]*?(?::([^:/@]+))?(@sha256:[0-9a-f]{64})?$/.exec(image) ?? [];
  if (digest !== undefined) return undefined;
  if (tag === undefined) return `image ${image} names no version`;
  if (tag === 'latest') return `image ${image} is whatever is newest`;
  if (OURS.test(image) && tag !== version) return `image ${image} is not of version ${version}`;
  return undefined;
}
