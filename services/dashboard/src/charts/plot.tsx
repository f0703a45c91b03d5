// uPlot inside React: made anew when what it shows or the theme changes, resized with its box, destroyed with it.
import { useEffect, useRef, type ReactNode } from 'react';
import uPlot from 'uplot';
import { useEffectiveTheme } from '../theme/theme.ts';

/** Everything but the size. Called again when the theme changes, since a canvas holds colours and not custom properties. */
export type PlotOptions = () => Omit<uPlot.Options, 'width' | 'height'>;

interface PlotProps {
  readonly options: PlotOptions;
  readonly data: uPlot.AlignedData;
  readonly height: number;
  /** Index of the point under the pointer, or null. */
  readonly onCursor?: (index: number | null) => void;
}

export function Plot({ options, data, height, onCursor }: PlotProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ data, onCursor });
  latest.current = { data, onCursor };
  const theme = useEffectiveTheme();

  useEffect(() => {
    const element = box.current!;
    const made = options();
    const current = new uPlot(
      {
        ...made,
        width: Math.max(1, element.clientWidth),
        height,
        hooks: { ...made.hooks, setCursor: [(self) => latest.current.onCursor?.(self.cursor.idx ?? null)] },
      },
      latest.current.data,
      element,
    );
    plot.current = current;
    const watcher = new ResizeObserver(() => current.setSize({ width: Math.max(1, element.clientWidth), height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      current.destroy();
      plot.current = undefined;
    };
  }, [options, height, theme]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);

  return <div ref={box} className="plot" aria-hidden="true" style={{ minHeight: height }} />;
}
