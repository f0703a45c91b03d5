// No secret stands in a manifest: passwords come from Secrets that somebody made before, by reference.
import { asList, asObject, nameOf, textAt, type Finding, type Manifest } from '../manifest.ts';
import { containersOf, workloadsOf } from '../workloads.ts';

const SECRET_NAME = /(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIALS?|PRIVATE_KEY|API_KEY|SECRETS_KEY)$/i;
const URL_WITH_PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i;

export function secrets(manifests: readonly Manifest[]): Finding[] {
  const finding = (manifest: Manifest, message: string): Finding => ({
    rule: 'secrets',
    object: nameOf(manifest),
    message,
  });
  const stated = manifests.flatMap((manifest) => {
    if (manifest.kind === 'Secret' && (manifest['data'] !== undefined || manifest['stringData'] !== undefined))
      return [finding(manifest, 'a Secret must not carry its values here')];
    if (manifest.kind !== 'ConfigMap') return [];
    return Object.entries(asObject(manifest['data']))
      .filter(([name, value]) => isSecret(name, String(value)))
      .map(([name]) => finding(manifest, `${name} holds a secret`));
  });
  const variables = workloadsOf(manifests).flatMap((workload) =>
    containersOf(workload)
      .flatMap((container) => asList(container['env']))
      .filter((variable) => isSecret(textAt(variable, 'name'), textAt(variable, 'value')))
      .map((variable) => finding(workload.manifest, `${textAt(variable, 'name')} holds a secret`)),
  );
  return [...stated, ...variables];
}

function isSecret(name: string, value: string): boolean {
  return value !== '' && (SECRET_NAME.test(name) || URL_WITH_PASSWORD.test(value));
}
