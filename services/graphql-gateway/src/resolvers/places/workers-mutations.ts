// Changes of workers' entries, of one or of many at once, and of the secrets that their passwords must hold. A secret somebody thought of is
// hashed on another thread, and stands nowhere else.
import {
  drawSecret,
  fastHash,
  formatSecretHash,
  MAX_CHANGES,
  parsePasswordOptions,
  slowHashBy,
  type ObjectChange,
  type Worker,
} from '@assay/tenancy';
import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { isGiven } from '../../argument-bounds.ts';
import { ClientError } from '../../errors.ts';
import type { OperationContext } from '../../operation/context.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { known, ObjectEditor, patched, type Patch } from './object-editor.ts';
import { PlaceValues } from './places-values.ts';
import type { PlaceResolverPorts } from './ports.ts';

interface WorkerInput {
  readonly standing?: Worker['standing'] | null;
  readonly expectedHashRate?: number | null;
  readonly ratedPowerWatts?: number | null;
  readonly model?: string | null;
  readonly owner?: string | null;
  readonly tags?: readonly string[] | null;
  readonly note?: string | null;
}

interface WorkersInput extends Omit<WorkerInput, 'tags' | 'note'> {
  readonly addTags?: readonly string[] | null;
  readonly removeTags?: readonly string[] | null;
}

interface WorkerVersion {
  readonly name: string;
  readonly version: number;
}

const MAX_SECRET_LENGTH = 256;
/** Secrets hashed at once; each takes some 50 ms of a core and 16 MiB. More are refused. */
const MAX_HASHING = 8;

const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);

type Context = OperationContext;

export function workersMutations({ control }: PlaceResolverPorts) {
  const { state } = control;
  const editor = new ObjectEditor(control);
  const shown = (viewer: Viewer, name: string) => new PlaceValues(viewer, state).worker(state.get('worker', name)!);
  let hashing = 0;

  const hashed = async (secret: string): Promise<string> => {
    if (hashing >= MAX_HASHING)
      throw new ClientError('OVERLOADED', 'Too many secrets are being hashed. Try again in a moment.', {
        retriable: true,
      });
    hashing++;
    try {
      return formatSecretHash(await slowHashBy(secret, derive));
    } finally {
      hashing--;
    }
  };

  return {
    createWorker: async (
      _root: unknown,
      { name, worker }: { name: string; worker: WorkerInput },
      { viewer }: Context,
    ) => {
      await editor.create(viewer, 'worker', name, { standing: 'active', tags: [], ...workerPatch(worker) });
      return shown(viewer, name);
    },

    changeWorker: async (
      _root: unknown,
      { name, version, worker }: WorkerVersion & { worker: WorkerInput },
      { viewer }: Context,
    ) => {
      await editor.change(viewer, 'worker', name, version, workerPatch(worker));
      return shown(viewer, name);
    },

    changeWorkers: async (
      _root: unknown,
      { workers, change }: { workers: readonly WorkerVersion[]; change: WorkersInput },
      { viewer }: Context,
    ) => {
      if (workers.length === 0 || workers.length > MAX_CHANGES)
        throw new ClientError('BAD_USER_INPUT', `Name 1 to ${MAX_CHANGES} workers at once, got ${workers.length}.`);
      if (new Set(workers.map(({ name }) => name)).size < workers.length)
        throw new ClientError('BAD_USER_INPUT', 'A worker is named twice.');
      const changes = workers.map(({ name, version }): ObjectChange => {
        const { body } = editor.editable(viewer, 'worker', name);
        return { op: 'put', kind: 'worker', id: name, expect: known(version), body: changedByMany(body, change) };
      });
      await editor.apply(viewer, changes);
      return workers.map(({ name }) => shown(viewer, name));
    },

    removeWorker: (_root: unknown, { name, version }: WorkerVersion, { viewer }: Context) =>
      editor.remove(viewer, 'worker', name, version),

    setWorkerSecret: async (
      _root: unknown,
      { name, version, secret }: WorkerVersion & { secret?: string | null },
      { viewer }: Context,
    ) => {
      editor.editable(viewer, 'worker', name);
      const secretHash = isGiven(secret) ? await hashed(checkedSecret(secret)) : null;
      await editor.change(viewer, 'worker', name, version, { secretHash });
      return shown(viewer, name);
    },

    drawWorkerSecret: async (_root: unknown, { name, version }: WorkerVersion, { viewer }: Context) => {
      const secret = drawSecret();
      await editor.change(viewer, 'worker', name, version, { secretHash: formatSecretHash(fastHash(secret)) });
      return { worker: shown(viewer, name), secret };
    },
  };
}

function workerPatch({ expectedHashRate, standing, tags, ...given }: WorkerInput): Patch<Worker> {
  return {
    ...given,
    // A worker always has these.
    ...(isGiven(standing) && { standing }),
    ...(tags !== undefined && { tags: [...(tags ?? [])] }),
    ...(expectedHashRate !== undefined && { expectedHashRateHs: expectedHashRate }),
  };
}

function changedByMany(before: Worker, { addTags, removeTags, ...given }: WorkersInput): Worker {
  const removed = new Set(removeTags ?? []);
  const tags = [...new Set([...before.tags.filter((tag) => !removed.has(tag)), ...(addTags ?? [])])];
  return patched(before, { ...workerPatch(given), tags });
}

/** Throws ClientError for what would not be taken from a miner's password as the secret it is. */
function checkedSecret(secret: string): string {
  if (secret === '' || secret.length > MAX_SECRET_LENGTH)
    throw new ClientError('BAD_USER_INPUT', `A secret has 1 to ${MAX_SECRET_LENGTH} characters.`);
  if (parsePasswordOptions(secret).secret !== secret)
    throw new ClientError('BAD_USER_INPUT', 'Part of the secret reads as an option of a password, such as d=1024.');
  return secret;
}
