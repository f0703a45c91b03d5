import { describe, expect, it } from 'vitest';
import { filterOf, nextSort, sortParams, tableStateFrom } from './table-state.ts';

const from = (search: string): ReturnType<typeof tableStateFrom> => tableStateFrom(new URLSearchParams(search));

describe('table state', () => {
  it('reads the address', () => {
    const state = from('q=r01&tenant=helios&site=sonora&status=SILENT&sort=HASH_RATE&dir=DESC&algorithm=SCRYPT');
    expect(filterOf(state)).toEqual({
      tenant: 'helios',
      site: 'sonora',
      search: 'r01',
      status: ['SILENT'],
      algorithm: 'SCRYPT',
    });
    expect(filterOf(state, true)).not.toHaveProperty('status');
    expect(state.sort).toEqual({ field: 'HASH_RATE', direction: 'DESC' });
  });

  it('takes what it does not know as not given', () => {
    const state = from('status=DEAD&sort=COLOUR&dir=SIDEWAYS&algorithm=X11');
    expect(filterOf(state)).toEqual({});
    expect(state.sort).toEqual({ field: 'NAME', direction: 'ASC' });
  });

  it('sorts a new column with what is worth seeing on top, then turns it around', () => {
    const byInvalid = nextSort({ field: 'NAME', direction: 'ASC' }, 'INVALID');
    expect(byInvalid).toEqual({ field: 'INVALID', direction: 'DESC' });
    expect(nextSort(byInvalid, 'INVALID')).toEqual({ field: 'INVALID', direction: 'ASC' });
    expect(nextSort(byInvalid, 'CONTRIBUTION').direction).toBe('ASC');
  });

  it('writes every sort so that it is read back the same', () => {
    for (const field of ['NAME', 'HASH_RATE'] as const) {
      for (const direction of ['ASC', 'DESC'] as const) {
        const params = new URLSearchParams();
        for (const [name, value] of Object.entries(sortParams({ field, direction })))
          if (value !== null) params.set(name, value);
        expect(tableStateFrom(params).sort).toEqual({ field, direction });
      }
    }
  });
});
