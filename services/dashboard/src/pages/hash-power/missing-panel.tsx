// What an account's figures lack, as the gateway says it.
import type { ReactNode } from 'react';
import { Panel } from '../../components/panel.tsx';

export function MissingPanel({ missing }: { missing: readonly string[] }): ReactNode {
  if (missing.length === 0) return null;
  return (
    <Panel title="What is missing">
      <ul className="panel-body missing-list">
        {missing.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Panel>
  );
}
