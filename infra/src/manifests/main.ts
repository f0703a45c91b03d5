// npm run k8s:check -- DIR ...: checks overlays of your own as the tests check ours. Ends with one line that counts the objects.
import { resolve } from 'node:path';
import { gatherFacts } from './check-facts.ts';
import { checkManifests } from './check-manifests.ts';
import { renderInstallation } from './installations.ts';
import { openToolbox } from './toolbox.ts';

const toolbox = await openToolbox();
const facts = await gatherFacts(toolbox);
let passed = 0;
let failed = 0;
for (const dir of process.argv.slice(2)) {
  const manifests = await renderInstallation(toolbox.kustomize, resolve(dir));
  const findings = await checkManifests(manifests, facts);
  for (const { rule, object, message } of findings) process.stdout.write(`${dir}: ${object}: ${message} [${rule}]\n`);
  const faulty = new Set(findings.map(({ object }) => object)).size;
  failed += faulty;
  passed += Math.max(0, manifests.length - faulty);
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
