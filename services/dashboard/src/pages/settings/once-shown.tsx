// A link or token that is shown this once, to be handed over.
import type { ReactNode } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';

interface OnceShownProps {
  readonly text: string;
  readonly label: string;
  readonly children: ReactNode;
  readonly onOver: () => void;
}

export function OnceShown({ text, label, children, onOver }: OnceShownProps): ReactNode {
  return (
    <div className="note-box once" role="status">
      <p>{children}</p>
      <p>
        <code className="secret">{text}</code>
      </p>
      <p className="entry-actions">
        <CopyButton text={text} label={label} />
        <button type="button" className="button small" onClick={onOver}>
          I have it
        </button>
      </p>
    </div>
  );
}
