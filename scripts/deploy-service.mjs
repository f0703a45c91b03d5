// node scripts/deploy-service.mjs SERVICE TARGET: copies what one built service runs on into an empty folder, and nothing else: its own
// build, those of the workspace packages it depends on, and their dependencies at the versions installed here. It walks the packages'
// own 'dependencies' instead of asking npm to prune: npm keeps what any package of the workspace needs, which for the GraphQL gateway
// would be 540 MB of the embedded ClickHouse engine. Plain Node, no dependencies; infra/docker/Dockerfile runs it.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { root } from './workspace.mjs';

/** What a service serves besides its own files. */
const SERVED = { 'graphql-gateway': ['services/dashboard/dist'] };

/** Of a workspace package: sources and what only tests and compilers read. */
const NOT_OF_OURS = /^(src|assembly|node_modules|testdata|tsconfig.*\.json|build\.mjs)$/;
const NOT_BUILT = /(\.test\.js|\.test\.js\.map|\.d\.ts|\.d\.ts\.map|\.tsbuildinfo)$/;
/** Of a package from outside: what Node never reads. Licences stay. */
const NEVER_READ = /\.([mc]?tsx?|map|md|markdown|flow)$/i;

const [service, target] = process.argv.slice(2);
if (!service || !target) {
  process.stderr.write('Usage: node scripts/deploy-service.mjs SERVICE TARGET\n');
  process.exit(2);
}
const start = join(root, 'services', service);
const into = resolve(target);
if (existsSync(into) && readdirSync(into).length > 0) {
  process.stderr.write(`${into} is not empty.\n`);
  process.exit(1);
}

const copied = new Set();
const linked = new Set();
const waiting = [start];
while (waiting.length > 0) {
  const dir = waiting.pop();
  if (copied.has(dir)) continue;
  copied.add(dir);
  copyPackage(dir);
  waiting.push(...dependenciesOf(dir));
}
for (const path of SERVED[service] ?? []) cpSync(join(root, path), join(into, path), { recursive: true });
cpSync(join(root, 'package.json'), join(into, 'package.json'));
process.stdout.write(`${service}: ${copied.size} packages in ${into}\n`);

/** The folders of what a package needs when it runs, linked into the target under the names it asks for. */
function dependenciesOf(dir) {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = read(dir);
  const needed = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return needed.flatMap((name) => {
    const found = find(name, dir);
    if (found !== undefined) {
      const real = realpathSync(found);
      if (real !== found) link(found, real);
      return [real];
    }
    // Another platform's binary, or a peer that nobody asked for.
    if (name in optionalDependencies || peerDependenciesMeta[name]?.optional || name in peerDependencies) return [];
    throw new Error(`${relative(root, dir)} needs ${name}, which is not installed`);
  });
}

/** As Node looks for it: in the node_modules of the folder, then of those above, up to the repository's. */
function find(name, from) {
  for (let dir = from; ; dir = dirname(dir)) {
    const candidate = join(dir, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (dir === root) return undefined;
  }
}

function copyPackage(dir) {
  const ours = !dir.includes(`${sep}node_modules${sep}`);
  const wanted = (path) => {
    const inside = relative(dir, path);
    if (ours) return !NOT_OF_OURS.test(inside) && !NOT_BUILT.test(inside);
    // Packages nested in it are walked to like any other.
    return inside.split(sep)[0] !== 'node_modules' && (!NEVER_READ.test(inside) || /licen[cs]e/i.test(inside));
  };
  cpSync(dir, join(into, relative(root, dir)), { recursive: true, filter: wanted });
}

function link(found, real) {
  const place = join(into, relative(root, found));
  if (linked.has(place)) return;
  linked.add(place);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(relative(dirname(found), real), place);
}

function read(dir) {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
}
