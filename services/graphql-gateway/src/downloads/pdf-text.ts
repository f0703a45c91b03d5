// What a reader finds in a PDF, by another library than the one that makes ours: for tests.
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** The lines of each page, from top to bottom, the parts of a line from left to right with two spaces between. */
export async function pdfPages(bytes: Uint8Array): Promise<string[][]> {
  const loading = getDocument({ data: new Uint8Array(bytes), useSystemFonts: false, verbosity: 0 });
  const document = await loading.promise;
  const pages: string[][] = [];
  for (let number = 1; number <= document.numPages; number++) {
    const { items } = await (await document.getPage(number)).getTextContent();
    const parts = items.flatMap((item) =>
      'str' in item && item.str.trim() !== ''
        ? [{ text: item.str, x: item.transform[4] as number, y: Math.round(item.transform[5] as number) }]
        : [],
    );
    const lines = new Map<number, typeof parts>();
    for (const part of parts) lines.set(part.y, [...(lines.get(part.y) ?? []), part]);
    pages.push(
      [...lines]
        .sort(([a], [b]) => b - a)
        .map(([, line]) =>
          line
            .sort((a, b) => a.x - b.x)
            .map(({ text }) => text)
            .join('  '),
        ),
    );
  }
  await loading.destroy();
  return pages;
}
