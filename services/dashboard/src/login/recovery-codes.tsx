// The recovery codes, this once: to copy, or to print on a page with nothing else.
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { CopyButton } from '../components/copy-button.tsx';

export function RecoveryCodes({ codes, onOver }: { codes: readonly string[]; onOver: () => void }): ReactNode {
  const [isKept, setIsKept] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="recovery">
      <h2 ref={heading} tabIndex={-1}>
        Your recovery codes
      </h2>
      <p>
        The second factor is set up. When the phone is lost, each of these lets you in once. They are not shown again:
        keep them where the phone is not.
      </p>
      <ol className="recovery-codes" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="entry-actions">
        <CopyButton text={codes.join('\n')} label="recovery codes" />
        <button type="button" className="button small" onClick={() => window.print()}>
          Print
        </button>
      </div>
      <label className="check">
        <input type="checkbox" checked={isKept} onChange={(event) => setIsKept(event.target.checked)} />I have kept them
      </label>
      <div className="entry-actions">
        <button type="button" className="button primary" disabled={!isKept} onClick={onOver}>
          Go on
        </button>
      </div>
    </div>
  );
}
