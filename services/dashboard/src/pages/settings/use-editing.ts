// Which entry of a page is open for editing, as the address says: `?edit=acme`, `?edit=new`, of several lists on a page each by its own word.
import { useSearchParams } from '../../router/location.ts';

export interface Editing {
  /** Id of the entry, `new`, or undefined. */
  readonly open: string | undefined;
  readonly edit: (id: string | null) => void;
}

export function useEditing(word = 'edit'): Editing {
  const [params, change] = useSearchParams();
  return { open: params.get(word) ?? undefined, edit: (id) => change({ [word]: id }) };
}
