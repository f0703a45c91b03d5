// Copies a text and says so. Without a clipboard (plain HTTP on another machine) it falls back to selecting in a hidden field.
import { useEffect, useState, type ReactNode } from 'react';

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.style.position = 'fixed';
    field.style.opacity = '0';
    document.body.append(field);
    field.select();
    // The only way there is on an insecure origin, which is where a small farm's dashboard lives.
    const copied = document.execCommand('copy');
    field.remove();
    return copied;
  }
}

export function CopyButton({ text, label }: { text: string; label: string }): ReactNode {
  const [result, setResult] = useState<'copied' | 'failed' | undefined>();
  useEffect(() => {
    if (result === undefined) return;
    const timer = setTimeout(() => setResult(undefined), 2000);
    return () => clearTimeout(timer);
  }, [result]);
  return (
    <button
      type="button"
      className="button small"
      aria-label={`Copy ${label}`}
      onClick={() => void copy(text).then((done) => setResult(done ? 'copied' : 'failed'))}
    >
      <span aria-live="polite">{result === 'copied' ? 'Copied' : result === 'failed' ? 'Select it' : 'Copy'}</span>
    </button>
  );
}
