// The tenant whose machines are looked at: a part of the address of every page, which every link of the dashboard takes along.
import { useSearchParams } from './location.ts';

/** Null while all that somebody sees is looked at. */
export function useTenant(): string | null {
  const [params] = useSearchParams();
  return params.get('tenant') || null;
}
