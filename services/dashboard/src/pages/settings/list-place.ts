// Where in a list of entries one is, as the address says: what is searched for, after which entry the page begins, and which entry is open:
// `?q=north&after=…&edit=acme`; of a further list on a page each behind its own word: `?group-q=…&group-after=…&group=new`.
import { useSearchParams } from '../../router/location.ts';
import { useEditing, type Editing } from './use-editing.ts';

const PAGE_SIZE = 100;

export interface ListPlace extends Editing {
  readonly search: string;
  /** Undefined on the first page. */
  readonly after: string | undefined;
  /** For the list's document. */
  readonly variables: { readonly search: string | null; readonly first: number; readonly after: string | null };
  readonly find: (search: string) => void;
  /** To the page behind an entry; to the first one with null. */
  readonly turn: (after: string | null) => void;
}

/** @param word of a further list on the page */
export function useListPlace(word?: string, pageSize = PAGE_SIZE): ListPlace {
  const [params, change] = useSearchParams();
  const name = (field: string): string => (word === undefined ? field : `${word}-${field}`);
  const editing = useEditing(word);
  const search = params.get(name('q')) ?? '';
  const after = params.get(name('after'));
  return {
    search,
    after: after ?? undefined,
    ...editing,
    variables: { search: search === '' ? null : search, first: pageSize, after },
    find: (text) => change({ [name('q')]: text, [name('after')]: null }, { replace: true }),
    turn: (cursor) => change({ [name('after')]: cursor }),
  };
}
