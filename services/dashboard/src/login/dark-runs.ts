/** The dark modules of a code as one SVG path: a bar of height one for every run in a row. */
export function darkRuns(modules: readonly (readonly boolean[])[]): string {
  let path = '';
  modules.forEach((row, y) => {
    let x = 0;
    while (x < row.length) {
      const from = x;
      while (x < row.length && row[x] === row[from]) x++;
      if (row[from]) path += `M${from} ${y}h${x - from}v1h-${x - from}z`;
    }
  });
  return path;
}
