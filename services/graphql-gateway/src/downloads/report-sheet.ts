// A printed sheet: A4 pages with margins, headings, tables that go on over pages with their heads repeated, and a foot with page numbers.
// Knows nothing of what is printed.
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { printable } from './report-text.ts';

const font = (name: string): string => createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);
const REGULAR = font('DejaVuSans');
const BOLD = font('DejaVuSans-Bold');
/** For tables, which have many columns. */
const CONDENSED = font('DejaVuSansCondensed');
const CONDENSED_BOLD = font('DejaVuSansCondensed-Bold');

export const INK = '#14181f';
export const MUTED = '#5a6472';
export const LINE = '#d5dae1';
export const ACCENT = '#1f5fbf';
export const BAND = '#c9dbf5';

const MARGIN = 42;
const FOOT = 30;
const TABLE_SIZE = 7.5;
const ROW_HEIGHT = 12;

export interface Column {
  readonly title: string;
  /** Part of the width, relative to the others. */
  readonly width: number;
  readonly align?: 'left' | 'right';
}

export class Sheet {
  readonly doc: PDFKit.PDFDocument;
  readonly #foot: string;

  constructor(about: { readonly title: string; readonly foot: string; readonly madeAt: Date }) {
    this.doc = new PDFDocument({
      size: 'A4',
      margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + FOOT },
      bufferPages: true,
      lang: 'en',
      displayTitle: true,
      info: { Title: about.title, Producer: 'Assay', Creator: 'Assay', CreationDate: about.madeAt },
    });
    this.doc.registerFont('regular', REGULAR).registerFont('bold', BOLD);
    this.doc.registerFont('condensed', CONDENSED).registerFont('condensed bold', CONDENSED_BOLD);
    this.#foot = about.foot;
  }

  get left(): number {
    return MARGIN;
  }

  get width(): number {
    return this.doc.page.width - 2 * MARGIN;
  }

  /** Begins a new page unless so much height is left. */
  need(height: number): void {
    if (this.doc.y + height > this.doc.page.height - MARGIN - FOOT) this.doc.addPage();
  }

  text(text: string, { size = 9, bold = false, colour = INK, gap = 3 } = {}): void {
    this.doc
      .font(bold ? 'bold' : 'regular')
      .fontSize(size)
      .fillColor(colour)
      .text(printable(text), MARGIN, this.doc.y, { width: this.width });
    this.doc.y += gap;
  }

  heading(text: string): void {
    this.need(70);
    this.doc.y += 12;
    this.text(text, { size: 11, bold: true, gap: 5 });
  }

  /** Figures beside each other, each with what it is below. */
  figures(
    entries: readonly { readonly value: string; readonly label: string; readonly note?: string }[],
    perLine = 3,
  ): void {
    const width = this.width / perLine;
    for (let from = 0; from < entries.length; from += perLine) {
      this.need(52);
      const top = this.doc.y;
      entries.slice(from, from + perLine).forEach(({ value, label, note = '' }, i) => {
        const left = MARGIN + i * width;
        this.#cell(label, left, top, width - 8, { size: 7.5, colour: MUTED });
        this.#cell(value, left, top + 11, width - 8, { size: 12.5, bold: true });
        this.#cell(note, left, top + 28, width - 8, { size: 7.5, colour: MUTED });
      });
      this.doc.y = top + 46;
    }
  }

  table(columns: readonly Column[], rows: Iterable<readonly string[]>): void {
    const whole = columns.reduce((sum, { width }) => sum + width, 0);
    const widths = columns.map(({ width }) => (width / whole) * this.width);
    const head = (): void => {
      const top = this.doc.y;
      this.#row(
        columns.map(({ title }) => title),
        columns,
        widths,
        { bold: true, colour: MUTED },
      );
      this.doc
        .moveTo(MARGIN, top + ROW_HEIGHT - 1)
        .lineTo(MARGIN + this.width, top + ROW_HEIGHT - 1)
        .lineWidth(0.7)
        .strokeColor(LINE)
        .stroke();
      this.doc.y = top + ROW_HEIGHT + 2;
    };
    this.need(3 * ROW_HEIGHT);
    head();
    for (const row of rows) {
      const pages = this.doc.bufferedPageRange().count;
      this.need(ROW_HEIGHT);
      if (this.doc.bufferedPageRange().count > pages) head();
      this.#row(row, columns, widths, {});
    }
  }

  #row(
    values: readonly string[],
    columns: readonly Column[],
    widths: readonly number[],
    style: { bold?: boolean; colour?: string },
  ): void {
    const top = this.doc.y;
    let left = MARGIN;
    values.forEach((value, i) => {
      this.#cell(value, left, top, widths[i]! - 4, {
        ...style,
        condensed: true,
        size: TABLE_SIZE,
        align: columns[i]!.align ?? 'left',
      });
      left += widths[i]!;
    });
    this.doc.y = top + ROW_HEIGHT;
  }

  /** One line of text in a box; what does not fit ends in three dots. */
  #cell(
    text: string,
    left: number,
    top: number,
    width: number,
    { size = 9, bold = false, condensed = false, colour = INK, align = 'left' as 'left' | 'right' },
  ): void {
    this.doc
      .font(condensed ? (bold ? 'condensed bold' : 'condensed') : bold ? 'bold' : 'regular')
      .fontSize(size)
      .fillColor(colour)
      .text(printable(text), left, top, { width, height: size * 1.2, align, ellipsis: '…', lineBreak: false });
  }

  /** Writes the feet and ends the document. */
  end(): void {
    const { start, count } = this.doc.bufferedPageRange();
    for (let i = 0; i < count; i++) {
      this.doc.switchToPage(start + i);
      // The foot lies below the margin, where text would begin a new page.
      this.doc.page.margins.bottom = 0;
      const top = this.doc.page.height - MARGIN - 8;
      this.#cell(this.#foot, MARGIN, top, this.width - 90, { size: 7, colour: MUTED });
      this.#cell(`Page ${i + 1} of ${count}`, MARGIN + this.width - 90, top, 90, {
        size: 7,
        colour: MUTED,
        align: 'right',
      });
    }
    this.doc.end();
  }
}
