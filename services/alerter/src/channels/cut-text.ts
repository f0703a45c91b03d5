// Receivers bound what they take. What is left out is said, never silently gone.

/** At most `most` UTF-16 units, no surrogate pair broken; what was cut ends in an ellipsis. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = most - 1;
  const broken = /[\uD800-\uDBFF]/.test(text[end - 1] ?? '');
  return `${text.slice(0, broken ? end - 1 : end)}…`;
}

/** As many whole lines as fit `most` units when joined, and a last one that says how many do not. Long lines are cut to `mostOfLine`. */
export function cutLines(lines: readonly string[], most: number, mostOfLine: number): string {
  const cut = lines.map((line) => cutText(line, mostOfLine));
  const whole = cut.join('\n');
  if (whole.length <= most) return whole;
  const taken: string[] = [];
  let length = 0;
  for (const line of cut) {
    const rest = leftOut(cut.length - taken.length);
    if (length + line.length + 1 + rest.length > most) break;
    taken.push(line);
    length += line.length + 1;
  }
  return [...taken, leftOut(cut.length - taken.length)].join('\n');
}

function leftOut(count: number): string {
  return `(${count} more ${count === 1 ? 'line' : 'lines'} left out)`;
}
