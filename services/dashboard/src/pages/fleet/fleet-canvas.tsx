// One site's racks on a canvas. Pointing at a cell, or walking to it with the arrow keys, says what it is; a click or Enter opens it. Who does not
// see it has the same as a table.
import {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type RefObject,
} from 'react';
import { navigate } from '../../router/location.ts';
import { useTenant } from '../../router/tenant.ts';
import { withTenant } from '../../router/with-tenant.ts';
import { resolveColour, useEffectiveTheme } from '../../theme/theme.ts';
import { cellKind, kindsBy, type CellKind, type MapBy } from './cell-kinds.ts';
import { cellWords } from './cell-words.ts';
import type { FleetMapRack } from './fleet-documents.ts';
import { cellAt, cellBeside, layoutRacks, type MapLayout } from './map-cells.ts';

const STEPS: Record<string, readonly [-1 | 0 | 1, -1 | 0 | 1]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface FleetCanvasProps {
  readonly label: string;
  readonly racks: readonly FleetMapRack[];
  readonly by: MapBy;
}

export function FleetCanvas({ label, racks, by }: FleetCanvasProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const theme = useEffectiveTheme();
  const tenant = useTenant();
  const layout = useMemo(() => layoutRacks(racks, width, by), [racks, width, by]);
  const [pointed, setPointed] = useState(-1);
  const cell = layout.cells[pointed];

  useEffect(() => {
    if (canvas.current !== null && width > 0) draw(canvas.current, layout, width, by, pointed);
  }, [layout, width, by, theme, pointed]);

  const at = (event: PointerEvent): number => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return cellAt(layout, event.clientX - left, event.clientY - top);
  };
  const open = (index: number): void => {
    const target = layout.cells[index];
    if (target) navigate(withTenant(target.to, tenant));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step) setPointed(cellBeside(layout, pointed, ...step));
    else if (event.key === 'Enter') open(pointed);
    else return;
    event.preventDefault();
  };
  return (
    <div className="fleet-canvas" ref={box}>
      <div
        role="application"
        aria-roledescription="map of machines"
        aria-label={`${label}: ${layout.cells.length} cells. Arrow keys walk, Enter opens.`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setPointed(-1)}
        onPointerMove={(event) => setPointed(at(event))}
        onPointerLeave={() => setPointed(-1)}
        onPointerDown={(event) => setPointed(at(event))}
        onClick={(event) => {
          const { left, top } = event.currentTarget.getBoundingClientRect();
          open(cellAt(layout, event.clientX - left, event.clientY - top));
        }}
      >
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      {cell && (
        <div
          className="fleet-tip"
          role="status"
          ref={(tip) => {
            if (tip === null) return;
            tip.style.left = `${Math.max(0, Math.min(cell.x, width - tip.offsetWidth))}px`;
            tip.style.top = `${cell.y + layout.size + 6}px`;
          }}
        >
          <strong>{cell.name}</strong>
          <span>{cellWords(cell, by)}</span>
        </div>
      )}
    </div>
  );
}

function useWidth(box: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current!;
    const measure = (): void => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return width;
}

function draw(canvas: HTMLCanvasElement, layout: MapLayout, width: number, by: MapBy, pointed: number): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(layout.height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${layout.height}px`;
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  const text = resolveColour('--muted');
  const mark = resolveColour('--map-mark');
  const colours = new Map<CellKind, string>(kindsBy(by).map((kind) => [kind, resolveColour(kind.colour)]));
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'top';
  context.fillStyle = text;
  for (const label of layout.labels) context.fillText(label.text, label.x, label.y, label.width);
  const side = layout.size - (layout.size > 12 ? 2 : 1);
  for (const { x, y, status, value } of layout.cells) {
    const kind = cellKind(by, status, value);
    drawCell(context, x, y, side, kind, colours.get(kind)!, mark);
  }
  const cell = layout.cells[pointed];
  if (!cell) return;
  context.strokeStyle = resolveColour('--text');
  context.lineWidth = 2;
  context.strokeRect(cell.x - 0.5, cell.y - 0.5, side + 1, side + 1);
}

function drawCell(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  side: number,
  { mark }: CellKind,
  colour: string,
  markColour: string,
): void {
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  if (mark === 'hollow') return context.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
  context.fillRect(x, y, side, side);
  if (mark === 'none') return;
  context.fillStyle = markColour;
  context.strokeStyle = markColour;
  context.lineWidth = Math.max(1.2, side / 8);
  const inset = side * 0.24;
  context.beginPath();
  if (mark === 'dot') {
    context.arc(x + side / 2, y + side / 2, side * 0.22, 0, 2 * Math.PI);
    return context.fill();
  }
  context.moveTo(x + inset, y + inset);
  context.lineTo(x + side - inset, y + side - inset);
  context.moveTo(x + side - inset, y + inset);
  context.lineTo(x + inset, y + side - inset);
  context.stroke();
}
