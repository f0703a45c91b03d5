// A QR code as a drawing in the page: no image is fetched, and nothing leaves the browser. Dark on light in both themes, for there are apps
// that read no other.
import encodeQR from 'qr';
import type { ReactNode } from 'react';
import { darkRuns } from './dark-runs.ts';

export function QrCode({ text, label }: { text: string; label: string }): ReactNode {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const size = modules.length;
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={darkRuns(modules)} fill="#000" />
    </svg>
  );
}
