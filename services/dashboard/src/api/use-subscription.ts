// A subscription for as long as the component is on the page.
import type { GraphqlDocument } from '@assay/api-client';
import { useEffect, useRef } from 'react';
import { client } from './client.ts';

const AGAIN_AFTER_MS = 5_000;

/** Calls `onData` with every message. When the API ends the subscription with an error it is opened again after five seconds. */
export function useSubscription<Data, Variables>(
  document: GraphqlDocument<Data, Variables>,
  variables: Variables,
  onData: (data: Data) => void,
  enabled = true,
): void {
  const key = JSON.stringify(variables);
  const latest = useRef({ variables, onData });
  latest.current = { variables, onData };

  useEffect(() => {
    if (!enabled) return;
    let stop = (): void => undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      stop = client.subscribe(document, latest.current.variables, {
        onData: (data) => latest.current.onData(data),
        onError: () => {
          stop();
          clearTimeout(again);
          again = setTimeout(open, AGAIN_AFTER_MS);
        },
      });
    };
    open();
    return () => {
      clearTimeout(again);
      stop();
    };
  }, [document, key, enabled]);
}
