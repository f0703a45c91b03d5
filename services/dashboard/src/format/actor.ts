// Who did something, in words.

interface Actor {
  readonly kind: 'USER' | 'KEY' | 'SYSTEM';
  readonly id: string | null;
  readonly name: string | null;
}

const SYSTEMS: Readonly<Record<string, string>> = {
  open: 'somebody, before there were users',
  registrar: 'its first share',
};

/** Whose name is not told is somebody of the pool's. */
export function actorText({ kind, id, name }: Actor): string {
  if (kind === 'SYSTEM') return SYSTEMS[id ?? ''] ?? `the pool (${id ?? 'system'})`;
  if (kind === 'KEY') return name === null ? 'a key of the operator’s' : `the key ${name}`;
  return name ?? 'somebody of the operator’s';
}
