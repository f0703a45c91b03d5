// Takes something away, once one has said so twice.
import { useState, type ReactNode } from 'react';

interface RemoveButtonProps {
  readonly label: string;
  readonly confirmLabel: string;
  readonly isSmall?: boolean;
  readonly onRemove: () => void;
}

export function RemoveButton({ label, confirmLabel, isSmall = false, onRemove }: RemoveButtonProps): ReactNode {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <button
      type="button"
      className={`button danger ${isSmall ? 'small' : ''}`}
      onBlur={() => setIsAsking(false)}
      onClick={() => {
        if (isAsking) onRemove();
        setIsAsking(!isAsking);
      }}
    >
      <span aria-live="polite">{isAsking ? confirmLabel : label}</span>
    </button>
  );
}
